"""Every modal: the forms, and the pages that are only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.core.base import team
from bot.core.crm.conflicts import ConflictView
from bot.core.crm.engagement import EngagementView
from bot.core.sla.time_breakdown import TimeBreakdown
from bot.core.views.mql import Candidate, Decision, MqlView, Timeline
from bot.i18n import Mrkdwn, Translator, catalogue, escape
from bot.slack.blocks import buttons, ids
from bot.slack.blocks.cards import progress
from bot.slack.blocks.crm_conflicts import decided
from bot.slack.blocks.engagements import engagements
from bot.slack.blocks.feedback import feedback
from bot.slack.blocks.figures import A_MINUTE, breakdown
from bot.slack.blocks.forms import TEXT, email_input, field, modal, number_input, radio_buttons, read_only, text_input
from bot.slack.blocks.history import happened, happening
from bot.slack.blocks.kit import Block, Element, View, actions, context, divider, header, lines, option, section, select
from bot.slack.blocks.lead_details import attributes, facts, outcome
from bot.slack.blocks.phrases import (
    SEPARATOR,
    called,
    deadline,
    due_line,
    link,
    numbered,
    owner_called,
    owner_name,
    status,
    subject,
    timing_text,
    title,
    until_day,
    why_paused,
)
from bot.slack.blocks.related import all_words_of_lead, hints
from bot.slack.blocks.text import bare_name, clean, line
from storage.models import WHOLE, Member
from storage.vocabulary import AssignmentVerdict, Evidence, Strategy

__all__ = ["feedback", "how", "new_mql", "notice", "pick", "reassign", "show", "why"]

EVENTS_SHOWN = 50
SCORE_MOST = 1_000_000
BESIDE_SHOWN = 15
CHANNELS_OFFERED = 98
NOTE = 300  # as much as the thread shows
TOLD_BY_PEOPLE = (Evidence.CALL, Evidence.EMAIL, Evidence.MEETING, Evidence.NOTE)


def pick(views: Sequence[MqlView], t: Translator) -> View:
    """Return which of my MQLs to report on. Choosing one leads on; there is nothing to submit."""
    options = [option(numbered(view.mql, t), str(view.mql.id), description=timing_text(view, t)) for view in views]
    if not options:
        return read_only(t("feedback.title"), [t.md("reply.no_open_mqls")], t)
    chooser = select(ids.PICK_MQL, options, t("form.choose"))
    block: Block = {"type": "actions", "block_id": ids.PICK_MQL, "elements": [chooser]}
    blocks = [section(t.md("pick.ask", count=len(views))), block]
    return modal(t("feedback.title"), blocks, t)


def reassign(view: MqlView, members: Sequence[Member], t: Translator, now: datetime | None = None) -> View:
    """Return who is to have it, and why."""
    heading = t("reassign.title_assign" if view.mql.owner is None else "reassign.title")
    about = t.md("reassign.about", whom=subject(view.mql, t), rep=owner_called(view, t))
    if view.mql.owner is None:
        about = t.md("reassign.about_unassigned", whom=subject(view.mql, t))
    free = [m for m in members if team.is_rep(m) and not m.deactivated and m.user_id != view.mql.owner]
    if not free:
        return read_only(heading, [about, t.md("reassign.nobody")], t)
    options = [option(member_name(member, t, now), member.user_id) for member in free]
    why = text_input(ids.COMMENT, None, multiline=True)
    blocks = [
        section(about),
        field(ids.NEW_OWNER, t("reassign.new_owner"), select(ids.NEW_OWNER, options, t("form.choose"))),
        field(ids.COMMENT, t("reassign.reason"), why, optional=True, hint=t("reassign.reason_hint")),
    ]
    return modal(heading, blocks, t, submit=t("reassign.submit"), callback_id=ids.REASSIGN_FORM, mql=view.mql.id)


def member_name(member: Member, t: Translator, now: datetime | None) -> str:
    """Return somebody as one who may be chosen as an owner: with until when they are away."""
    name = bare_name(member.name, 40) or member.user_id
    if member.away_until is None or (now is not None and member.away_until <= now):
        return name
    return t("reassign.away", name=name, until=until_day(member.away_until, t))


def how(view: MqlView, t: Translator) -> View:
    """Return how the lead was contacted. Sent before a press on Contacted, it is that press too."""
    options = [option(t(f"evidence.{kind}"), kind.value) for kind in TOLD_BY_PEOPLE]
    kinds = radio_buttons(ids.CONTACT_KIND, options)
    note = text_input(ids.CONTACT_NOTE, None, most=NOTE, multiline=True)
    blocks = [
        section(t.md("how.about", whom=subject(view.mql, t))),
        field(ids.CONTACT_KIND, t("how.kind"), kinds),
        field(ids.CONTACT_NOTE, t("how.note"), note, optional=True, hint=t("how.note_hint")),
    ]
    return modal(t("how.title"), blocks, t, submit=t("how.submit"), callback_id=ids.HOW_FORM, mql=view.mql.id)


def new_mql(
    t: Translator,
    *,
    prefill: Mapping[str, object] | None = None,
    unreadable_id: int | None = None,
    from_home: bool = False,
    channels: Sequence[str] = (),
) -> View:
    """Return the form of an MQL entered by hand. `prefill` is by input id; what does not fit an input is left out.
    `channels`: those that are known, to choose from; without any it is typed."""
    known = {name: str(value) for name, value in (prefill or {}).items() if value is not None}
    score = line(known.get(ids.SCORE))
    points = min(int(score), SCORE_MOST) if score.isdecimal() and len(score) < 10 else None
    inputs = [
        *((name, text_input(name, line(known.get(name), 200))) for name in (ids.COMPANY, ids.PERSON)),
        (ids.EMAIL, email_input(ids.EMAIL, line(known.get(ids.EMAIL), 254))),
        (ids.PHONE, text_input(ids.PHONE, line(known.get(ids.PHONE), 200))),
        *_channel(line(known.get(ids.CHANNEL), 200), channels, t),
        (ids.SCORE, number_input(ids.SCORE, points, SCORE_MOST)),
        (ids.MESSAGE, text_input(ids.MESSAGE, known.get(ids.MESSAGE), most=TEXT, multiline=True)),
    ]
    blocks = [section(t.md("new.about")), *beside(prefill or {}, t)]
    blocks += [field(name, t(f"field.{name}"), element, optional=True) for name, element in inputs]
    kept = {"unreadable": unreadable_id, "home": 1 if from_home else None}
    return modal(t("new.title"), blocks, t, submit=t("new.submit"), callback_id=ids.NEW_MQL_FORM, **kept)


def _channel(known: str, channels: Sequence[str], t: Translator) -> list[tuple[str, Element]]:
    """Return the inputs of the marketing channel: one to choose it, and one for a name that is new."""
    offered = [option(line(name, 70), name) for name in channels if name == line(name, 70)]
    if not offered:
        return [(ids.CHANNEL, text_input(ids.CHANNEL, known))]
    chosen = select(ids.CHANNEL, offered, t("form.choose"), known or None)
    other = text_input(ids.CHANNEL_OTHER, "" if known in channels else known)
    return [(ids.CHANNEL, chosen), (ids.CHANNEL_OTHER, other)]


def beside(read: Mapping[str, object], t: Translator) -> list[Block]:
    """Return what was read and is kept with the MQL though the form has no field for it."""
    names = ("title", "campaign", "form", "score_reason", "external_id", "crm_url")
    known = {t(f"teach.field.{name}"): read.get(name) for name in names}
    attributes = read.get("attributes")
    known |= attributes if isinstance(attributes, dict) else {}
    shown = [(line(label, 60), line(str(value), 100)) for label, value in known.items() if value]
    kept = [Mrkdwn(f"{escape(label)}: {escape(value)}") for label, value in shown[:BESIDE_SHOWN]]
    return [context(lines([t.md("new.beside"), *kept]))] if kept else []


def why(view: MqlView, decision: Decision, t: Translator, share: Mrkdwn | None = None) -> View:
    """Return by which route this MQL went, who was considered, who was passed over and why; `share`: what whoever was
    chosen has had of the pool."""
    chosen, now_with = bare_name(decision.chosen), owner_name(view, t)
    at = t.moment(decision.at)
    by_hand = any(candidate.verdict == AssignmentVerdict.BY_HAND for candidate in decision.considered)
    verdicts = {candidate.verdict for candidate in decision.considered}
    if not chosen:
        kept = AssignmentVerdict.EXPECTED in verdicts and AssignmentVerdict.ELIGIBLE in verdicts
        sentence = t.md("why.kept" if kept else "why.nobody", at=at)
    else:
        rep = called(view.mql.owner if now_with == chosen else None, chosen, t)
        sentence = t.md("why.by_hand" if by_hand else "why.chosen", rep=rep, at=at)
    explanations = [] if by_hand else [rule_line(decision, t), *candidates(decision, t)]
    route = None if by_hand else route_line(decision, t)
    moved = chosen and view.owner is not None and now_with != chosen
    texts = [
        lines(
            [
                Mrkdwn(f"*{escape(numbered(view.mql, t))}*"),
                sentence,
                route,
                share,
            ]
        ),
        *(lines(explanations[i : i + 20]) for i in range(0, len(explanations), 20)),
        *([t.md("why.moved_since", rep=now_with)] if moved else []),
        t.md("why.next"),
    ]
    return read_only(t("why.title"), texts, t)


def candidates(decision: Decision, t: Translator) -> list[Mrkdwn]:
    """Return everybody who was considered, and what spoke for or against them."""
    return [_candidate(candidate, decision, t) for candidate in decision.considered]


def route_line(decision: Decision, t: Translator) -> Mrkdwn | None:
    """Return the route, and what of it fits; None where there was none."""
    if decision.route is None:
        return None
    met = [t("why.met", condition=condition_name(condition, t), word=line(word)) for condition, word in decision.met]
    return t.md("why.route" if met else "why.route_for_all", route=line(decision.route), met=t.listed(met))


def condition_name(condition: str, t: Translator) -> str:
    """Return what a condition of a route is called; an attribute by its own name."""
    key = f"condition.{condition}"
    return t(key) if key in catalogue(t.locale) else line(condition)


def rule_line(decision: Decision, t: Translator) -> Mrkdwn:
    """Return how the route chose."""
    if decision.strategy != Strategy.ROTATION:
        return t.md(f"why.by.{decision.strategy}")
    if any(candidate.ahead is None for candidate in decision.considered):
        return t.md("why.rule_by_wait")
    sharing = {candidate.weight for candidate in decision.considered if candidate.verdict in _COULD_HAVE_IT}
    return t.md("why.rule_weighted" if len(sharing) > 1 else "why.rule")


# The other verdicts share the words of why.verdict.other.
_WITH_WORDS = (
    AssignmentVerdict.CHOSEN,
    AssignmentVerdict.ELIGIBLE,
    AssignmentVerdict.AWAY,
    AssignmentVerdict.EXPECTED,
    AssignmentVerdict.INACTIVE,
    AssignmentVerdict.DEACTIVATED,
    AssignmentVerdict.DECLINED,
    AssignmentVerdict.PAUSED,
    AssignmentVerdict.OFF_HOURS,
    AssignmentVerdict.NO_SHARE,
)
_CAPS = (AssignmentVerdict.CAP_OPEN, AssignmentVerdict.CAP_DAY, AssignmentVerdict.CAP_WEEK)
_COULD_HAVE_IT = (AssignmentVerdict.CHOSEN, AssignmentVerdict.ELIGIBLE)


def _candidate(candidate: Candidate, decision: Decision, t: Translator) -> Mrkdwn:
    name, verdict = bare_name(candidate.name) or t("lead.owner"), candidate.verdict
    mark = "✅" if verdict == AssignmentVerdict.CHOSEN else "•"
    could = [other for other in decision.considered if other.verdict in _COULD_HAVE_IT]
    if verdict in _CAPS:
        return Mrkdwn(f"{mark} {t.md(f'why.verdict.{verdict}', name=name, count=candidate.limit or 0)}")
    if verdict in _COULD_HAVE_IT and decision.strategy != Strategy.ROTATION:
        return Mrkdwn(f"{mark} {_otherwise(candidate, name, t)}")
    if verdict == AssignmentVerdict.CHOSEN and len(could) == 1:
        return Mrkdwn(f"{mark} {t.md('why.verdict.chosen_alone', name=name)}")
    if verdict in _COULD_HAVE_IT and candidate.ahead is not None:
        return Mrkdwn(f"{mark} {t.md('why.verdict.standing', name=name, standing=_standing(candidate, could, t))}")
    if verdict in _COULD_HAVE_IT and candidate.last_turn == 0:
        return Mrkdwn(f"{mark} {t.md(f'why.verdict.{verdict}_first', name=name)}")
    words = verdict if verdict in _WITH_WORDS else "other"
    return Mrkdwn(f"{mark} {t.md(f'why.verdict.{words}', name=name)}")


def _otherwise(candidate: Candidate, name: str, t: Translator) -> Mrkdwn:
    """Return how somebody stood where it was not a matter of turns."""
    if candidate.open is not None:
        return t.md("why.verdict.open", name=name, count=candidate.open)
    chosen = candidate.verdict == AssignmentVerdict.CHOSEN
    return t.md("why.verdict.goes_first" if chosen else "why.verdict.could", name=name)


def _standing(candidate: Candidate, could: Sequence[Candidate], t: Translator) -> str:
    """Say how far somebody was from their share; of several who were furthest behind, who had waited longest."""
    turns = round(candidate.ahead or 0, 1)
    where = "even" if not turns else ("ahead" if turns > 0 else "behind")
    standing = t(f"why.standing.{where}", turns=t.number(abs(turns)))
    if len({other.weight for other in could}) > 1:
        standing = t("why.standing.weighted", standing=standing, percent=t.percent(candidate.weight / WHOLE))
    equals = any(other.ahead == candidate.ahead for other in could if other is not candidate)
    if candidate.verdict == AssignmentVerdict.CHOSEN and equals:
        return t("why.standing.of_equals", standing=standing)
    return standing


def show(
    view: MqlView,
    timeline: Sequence[Timeline],
    t: Translator,
    now: datetime | None = None,
    parts: TimeBreakdown | None = None,
    shown: Sequence[Element] = (),
    reader: Member | None = None,
    conflicts: Sequence[ConflictView] = (),
    engaged: Sequence[EngagementView] = (),
) -> View:
    """Return everything about one MQL: where it stands, where the time until the first response went, what marketing's
    tool knows of its person (`engaged`), what was decided where a CRM said otherwise (`conflicts`), its history last.
    `shown`: what can be done about it beside what the card offers, of which stands here what `reader` may do; None:
    all of it."""
    mql, due = view.mql, deadline(view)
    standing = outcome(view, t) if mql.disposed else status(view, t, now)
    owner = t.md("card.owner_name", name=owner_called(view, t)) if mql.owner else None
    blocks: list[Block] = [header(title(mql, t)), section(lines([standing, owner, why_paused(view, t)]))]
    blocks += [due_line(due, t)] if due else []
    acts = buttons.for_card(view, t) if reader is None else buttons.for_page(view, t, reader)
    blocks += actions([*(button for button in acts if button["action_id"] != ids.SHOW), *shown])
    blocks += [*hints(view, t), *facts(view, t), *all_words_of_lead(view, t), *attributes(mql, 20), progress(mql, t)]
    if view.permalink:
        blocks.append(context(t.md("show.card", link=link(view, t))))
    blocks += [divider(), section(breakdown(parts, t))] if parts and parts.total >= A_MINUTE else []
    blocks += [*engagements(engaged, t), *decided(conflicts, t)]
    blocks += [divider(), section(Mrkdwn(f"*{t('show.history')}*")), *_history(timeline, t)]
    return modal(t("show.title", number=mql.number), blocks, t, mql=mql.id)


def _history(timeline: Sequence[Timeline], t: Translator) -> list[Block]:
    entries = happening(timeline)
    shown = entries[-EVENTS_SHOWN:]
    blocks = [section(Mrkdwn(f"{t.moment(entry.event.at)}{SEPARATOR}{happened(entry, t)}")) for entry in shown]
    left = len(entries) - len(shown)
    return [context(t.md("show.earlier", count=left)), *blocks] if left else blocks


def notice(title_key: str, text: Mrkdwn | str, t: Translator) -> View:
    """One paragraph to read. Text that is not mrkdwn already is escaped."""
    return read_only(t(title_key), [text if isinstance(text, Mrkdwn) else escape(clean(text))], t)
