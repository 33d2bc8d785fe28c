"""What stands above the App Home once a team has begun: its test lead, the first source, and the way to close it."""

from __future__ import annotations

from slack_bolt import App

from bot.connectors.sources import setup as source_setup
from bot.connectors.sources.setup import SETUPS, Wanted
from bot.connectors.sources.vault import NoKey
from bot.core.base.audit import Author
from bot.core.base.permissions import Permission
from bot.core.base.results import Done, Refusal, Refused
from bot.core.mql import withdrawal
from bot.slack.blocks.base import forms, ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.setup import screens as blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Press, acting, allowing, opening
from storage import setups
from storage.vocabulary import SourceKind

admins = allowing(Permission.SETTINGS, refusal=Refused(Refusal.NOT_ALLOWED))


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the form."""
    app.action(ids.SETUP_WITHDRAW)(acting(context, _withdraw, admins))
    app.action(ids.SETUP_CLOSE)(acting(context, _close, admins))
    app.action(ids.SETUP_SOURCE)(opening(context, _source_form, admins))
    app.view(ids.SETUP_SOURCE_FORM)(sending(context, _take_source, admins, title="setup.source"))


def _withdraw(press: Press) -> Refused | None:
    """Take the test lead back. Whoever presses twice finds it withdrawn."""
    known = setups.get(press.tx, press.workspace.id, hold=True)
    if known is None or known.test_mql_id is None:
        return None
    reason = press.team_t("setup.test_lead.withdrawn")
    outcome = withdrawal.withdraw(press.tx, press.workspace.id, known.test_mql_id, press.by, reason, press.now)
    if isinstance(outcome, Refused) and outcome.reason in (Refusal.NOT_ALLOWED, Refusal.WITHDRAW_NOT_ALLOWED):
        return outcome
    setups.change(press.tx, known, test_mql_id=None)
    return None if isinstance(outcome, Done) or outcome.reason == Refusal.WITHDRAWN else outcome


def _close(press: Press) -> None:
    setups.close(press.tx, press.workspace.id)


def _source_form(press: Press) -> View:
    if press.context.public_url is None:
        return forms.notice("setup.source", press.t.md("setup.source_needs_address"), press.t)
    return blocks.source_form(offered(press.context), press.t)


def offered(context: AppContext) -> list[SourceKind]:
    """Return the kinds of tools that can be set up by one choice: without a key of theirs, and without one of ours
    where none can be stored."""
    wanted = [Wanted(kind.value, kind, possible.proofs[0]) for kind, possible in SETUPS.items()]
    ready = [each for each in wanted if not each.needs_their_key]
    return [each.kind for each in ready if context.vault.can_seal or each.proof != "signed"]


def _take_source(form: Form) -> View:
    """Set up a source of the chosen kind, and show its address and its secret, the only time that they can be read."""
    kind = SourceKind(str(form.values[ids.SETUP_KIND]))
    possible = SETUPS[kind]
    header = possible.header if possible.proofs[0] == "header" else None
    name = source_setup.free_name(form.tx, form.workspace.id, kind.value)
    wanted = Wanted(name, kind, possible.proofs[0], header)
    author = Author.in_slack(form.by)
    try:
        issued = source_setup.add(form.tx, form.context.vault, form.workspace.id, wanted, form.now, author=author)
    except NoKey:
        raise Invalid({ids.SETUP_KIND: form.t("source.key_missing")}) from None
    return blocks.source_page(wanted, issued, str(form.context.public_url), form.t, form.now)
