"""Which buttons make sense for an MQL as it stands now. Each carries the MQL's id."""

from __future__ import annotations

from bot.core.base import permissions
from bot.core.base.permissions import Permission
from bot.core.base.results import gone
from bot.core.views.mql import MqlView
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import Element, button, option, overflow
from bot.slack.blocks.base.phrases import deadline, paused_until, web_address
from bot.slack.blocks.mql import next_touch, quick_disposition
from storage.models import Member
from storage.vocabulary import ClockState, Evidence, Status


def for_card(view: MqlView, t: Translator, reader: str | None = None) -> list[Element]:
    """For whoever looks at it: the next step first, then the rest. `reader`: the one person who does, to whom nothing
    is offered that only another may undo."""
    status = view.mql.status
    if view.mql.disposed:
        return [*after_disposition(view, t, reader), show(view, t)]
    if status == Status.UNASSIGNED:
        return [accept(view, t), reassign(view, t), *undo(view, t, reader), show(view, t), *crm(view, t)]
    return for_work(view, t, reader)


def for_work(view: MqlView, t: Translator, reader: str | None = None) -> list[Element]:
    """Return the owner's next steps, everything about it, the way to the CRM, and the menu of everything else;
    `reader` as above."""
    return [*for_owner(view, t), *undo(view, t, reader), show(view, t), *crm(view, t), more(view, t)]


def after_disposition(view: MqlView, t: Translator, reader: str | None = None) -> list[Element]:
    """Return what can still be said of an MQL that is over: another answer, how it was contacted, or that it was a slip
    of the finger; `reader` as above."""
    slip = undo(view, t, reader)
    return slip if gone(view.mql) else [correct(view, t), *slip, *how(view, t)]


def for_owner(view: MqlView, t: Translator) -> list[Element]:
    """Return the steps of the owner's own work that are still ahead."""
    status = view.mql.status
    shown = [accept(view, t)] if status == Status.ASSIGNED else []
    if status in (Status.ASSIGNED, Status.ACCEPTED):
        shown.append(contacted(view, t, primary=status == Status.ACCEPTED))
    shown += resume(view, t)
    if view.mql.awaits_outcome:
        shown += report_or_choose(view, t, primary=status == Status.CONTACTED)
    if status == Status.CONTACTED and view.next_touch is None:
        shown.append(next_touch.select(view, t))
    return [*shown, *how(view, t)]


def for_reader(view: MqlView, t: Translator, reader: Member) -> list[Element]:
    """Return the next steps that one reader may take with an MQL of anybody: the owner's for the owner and whoever
    covers, a leader's for leaders, and to take it where it may be taken."""

    def may(act: Permission) -> bool:
        return permissions.may(reader, act, view.mql)

    if view.mql.disposed:
        return after_disposition(view, t, reader.user_id) if may(Permission.FEEDBACK) else []
    if view.mql.owner is None:
        shown = [accept(view, t)] if may(Permission.ACCEPT) else []
        return [*shown, *([reassign(view, t)] if may(Permission.LEAD) else [])]
    if reader.user_id in (view.mql.owner, view.mql.cover):
        return for_owner(view, t)
    if may(Permission.REASSIGN):
        return [reassign(view, t), *urge(view, t)]
    return [take(view, t)] if may(Permission.TAKE_OVER) else []


def for_page(view: MqlView, t: Translator, reader: Member) -> list[Element]:
    """Return what stands on the page of an MQL: all of the card for whoever may act on it, else what they may do."""
    if permissions.may(reader, Permission.FEEDBACK, view.mql):
        return for_card(view, t, reader.user_id)
    return [*for_reader(view, t, reader), *crm(view, t)]


def for_manager(view: MqlView, t: Translator, *, urged: bool = True) -> list[Element]:
    """Return what a manager can do about an MQL that nobody has answered; `urged`: there is somebody to ask."""
    return [reassign(view, t, primary=True), take_over(view, t), *(urge(view, t) if urged else resume(view, t))]


def take_over(view: MqlView, t: Translator) -> Element:
    """Make it the reader's own."""
    return _button("take_over", ids.TAKE_OVER, view, t)


def take(view: MqlView, t: Translator) -> Element:
    """Take it from an owner who has not answered."""
    return _button("take", ids.TAKE_OVER, view, t, primary=True)


def accept(view: MqlView, t: Translator) -> Element:
    """Take it on."""
    return _button("accept", ids.ACCEPT, view, t, primary=True)


def contacted(view: MqlView, t: Translator, *, primary: bool = False) -> Element:
    """Return the button that says that the lead has been called or written to."""
    return _button("contacted", ids.CONTACTED, view, t, primary=primary)


def how(view: MqlView, t: Translator) -> list[Element]:
    """Tell how the lead was contacted, after a bare press on Contacted."""
    bare = view.mql.contact_evidence == Evidence.BUTTON and not gone(view.mql)
    return [_button("how", ids.HOW, view, t)] if bare else []


def again(view: MqlView, t: Translator) -> Element:
    """Record a further contact."""
    return _button("again", ids.HOW, view, t, primary=True)


def report(view: MqlView, t: Translator, *, primary: bool = False) -> Element:
    """Say what became of it."""
    return _button("report", ids.REPORT, view, t, primary=primary)


def report_or_choose(view: MqlView, t: Translator, *, primary: bool = False) -> list[Element]:
    """Return the form for everything that can be said, and the answers that two taps give."""
    return [report(view, t, primary=primary), quick_disposition.select(view, t)]


def correct(view: MqlView, t: Translator) -> Element:
    """Say it again, differently."""
    return _button("correct", ids.REPORT, view, t)


def reassign(view: MqlView, t: Translator, *, primary: bool = False) -> Element:
    """Choose another owner, or the first one."""
    return _button("assign" if view.mql.owner is None else "reassign", ids.REASSIGN, view, t, primary=primary)


def remind(view: MqlView, t: Translator) -> list[Element]:
    """Have the bot ask the owner, while a first response is what is missing."""
    asked = view.mql.owner is not None and view.response.state == ClockState.RUNNING
    return [_button("remind", ids.REMIND, view, t)] if asked else []


def resume(view: MqlView, t: Translator) -> list[Element]:
    """End the pause, where one holds."""
    return [_button("resume", ids.RESUME, view, t)] if paused_until(view) is not None else []


def urge(view: MqlView, t: Translator) -> list[Element]:
    """Return what makes an overdue MQL go on: its owner is asked, or its pause is ended."""
    return resume(view, t) or remind(view, t)


def undo(view: MqlView, t: Translator, reader: str | None = None) -> list[Element]:
    """Take back what was just done, where that is still possible; `reader` as above."""
    if view.undo is None or reader not in (None, view.undo.by):
        return []
    say = f"{t('button.undo')} #{view.mql.number}"
    return [button(t("button.undo"), ids.UNDO, view.undo.id, say=say)]


def show(view: MqlView, t: Translator) -> Element:
    """Open everything about it."""
    return _button("show", ids.SHOW, view, t)


def crm(view: MqlView, t: Translator) -> list[Element]:
    """Return the record in the CRM, if it has an address that may be opened."""
    url = web_address(view.mql.crm_url)
    return [button(t("button.crm"), ids.OPEN_IN_CRM, view.mql.id, url=url)] if url else []


def more(view: MqlView, t: Translator) -> Element:
    """Return the rest of what can be done with an owned MQL: at most five things, for no menu holds more."""
    offered = {
        ids.OPTION_CONTACTED: view.mql.contacted_at is None,
        ids.OPTION_REASSIGN: True,
        ids.OPTION_DECLINE: view.mql.status == Status.ASSIGNED,
        ids.OPTION_PAUSE: deadline(view) is not None,
        ids.OPTION_NEXT_TOUCH: view.next_touch is not None,
        ids.OPTION_WHY: True,
    }
    names = [name for name, makes_sense in offered.items() if makes_sense]
    return overflow(ids.MORE, [option(t(f"button.{name}"), f"{name}:{view.mql.id}") for name in names])


def _button(word: str, action_id: str, view: MqlView, t: Translator, *, primary: bool = False) -> Element:
    say = f"{t(f'button.{word}')} #{view.mql.number}"
    return button(t(f"button.{word}"), action_id, view.mql.id, primary=primary, say=say)
