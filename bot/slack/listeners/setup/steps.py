"""The first set-up of a workspace in the App Home. Each step is stored by itself, in a draft that everybody who may set
up shares; the end makes the team of it (`core.setup`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from slack_bolt import App

from bot.core.mql.lead import Lead
from bot.core.setup.answers import Answers, Part
from bot.core.setup.reading import Reading
from bot.core.setup.start import AlreadySetUp, Incomplete, start
from bot.core.teamfile import BadFile, Unresolved
from bot.i18n import Translator, escape
from bot.slack import setup as slack_setup
from bot.slack import setup_channels
from bot.slack.blocks.base import forms, ids
from bot.slack.blocks.base.kit import View, lines
from bot.slack.blocks.base.place_menus import NO_HOLIDAYS
from bot.slack.blocks.setup import screens as blocks
from bot.slack.blocks.teamfile.problems import problem
from bot.slack.caller import Caller
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Act, Answer, Interaction, Press, acting, core_decides, opening
from bot.slack.people.directory import SlackDirectory
from bot.slack.setup_channels import NotUsable
from bot.slack.web_api.gateway import SlackFailure
from storage import setups, workspaces
from storage.models import Setup
from storage.vocabulary import Locale, PolicyTemplate, YearlyClosure

TEST_LEAD = ("company", "person", "message", "channel")


@dataclass(frozen=True)
class Step:
    """What somebody does who may set up: the draft, and their words."""

    interaction: Interaction
    known: Setup
    answers: Answers
    t: Translator

    def store(self, answers: Answers, **values: object) -> None:
        """Store the answers."""
        setups.change(self.interaction.tx, self.known, answers=answers.stored(), **values)


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the forms."""
    for action_id, form in _FORMS_OPENED.items():
        app.action(action_id)(opening(context, _kept(form), core_decides))
    app.action(ids.SETUP_PEOPLE)(
        opening(context, _kept(_people_form), core_decides, filled=lambda press: _with_groups(context, press))
    )
    app.action(ids.SETUP_PARTS)(opening(context, _kept(_parts_page), core_decides))
    app.action(ids.SETUP_MANAGERS)(opening(context, _kept(_managers_page), core_decides))
    app.action(ids.SETUP_PART)(acting(context, _kept(_choose_part, hold=True), core_decides))
    app.action(ids.SETUP_MANAGER)(acting(context, _kept(_choose_manager, hold=True), core_decides))
    app.action(ids.SETUP_START)(acting(context, _kept(_start, hold=True), core_decides))
    for callback_id, take in _FORMS_TAKEN.items():
        app.view(callback_id)(sending(context, _sent(take), core_decides))
    channels = sending(context, _sent(_take_channels), core_decides, asking=_ask_for_channels)
    app.view(ids.SETUP_CHANNELS_FORM)(channels)


def _step(interaction: Interaction, *, hold: bool) -> Step | View:
    """Return the draft for whoever may change it, else the page that says why not."""
    known = setups.get(interaction.tx, interaction.caller.workspace_id, hold=hold)
    t = slack_setup.translator(known)
    if workspaces.get(interaction.tx, interaction.caller.workspace_id) is not None:
        return forms.notice("setup.title", t.md("setup.over"), t)
    if known is None or interaction.by not in known.keepers:
        return forms.notice("setup.title", blocks.waiting(known.keepers if known else (), t).text, t)
    return Step(interaction, known, Answers.of(known.answers), t)


def _kept(act: Callable[[Step], Answer], *, hold: bool = False) -> Act:
    """Let only those act who may set up. `hold`: the draft is to be changed."""

    def checked(press: Press) -> Answer:
        step = _step(press, hold=hold)
        return act(step) if isinstance(step, Step) else step

    return checked


def _sent(take: Callable[[Step, Form], View | None]) -> Callable[[Form], View | None]:
    """Let only those send a form who may set up, and only what nobody has changed since it was opened."""

    def checked(form: Form) -> View | None:
        step = _step(form, hold=True)
        return take(step, form) if isinstance(step, Step) else step

    return checked


def _press(step: Step) -> Press:
    if not isinstance(step.interaction, Press):
        raise TypeError("not pressed")
    return step.interaction


def _people_form(step: Step) -> View:
    return blocks.people_form(step.t)


def _with_groups(context: AppContext, press: Press) -> View:
    """Return the form with the user groups, as far as Slack names them: it is complete without."""
    t = slack_setup.translator(setups.get(press.tx, press.caller.workspace_id))
    try:
        groups = SlackDirectory(context.gateway).user_groups()
    except (SlackFailure, Unresolved):
        groups = []
    return blocks.people_form(t, groups)


def _parts_page(step: Step) -> View:
    return blocks.parts_page(step.answers, _press(step).row_id, step.known.started_by, step.t)


def _managers_page(step: Step) -> View:
    return blocks.managers_page(step.answers, _press(step).row_id, step.t)


def _choose_part(step: Step) -> None:
    user, _, part = _press(step).value.partition(":")
    step.store(step.answers.with_part(user, Part(part), keeper=step.known.started_by))


def _choose_manager(step: Step) -> None:
    user, _, manager = _press(step).value.partition(":")
    step.store(step.answers.with_manager(user, manager or None))


def _take_place(step: Step, form: Form) -> View | None:
    entered = form.values
    name = entered[ids.SETUP_NAME] or step.answers.name
    chosen = {"name": name, "locale": Locale(str(entered[ids.SETUP_LANGUAGE])), "timezone": entered[ids.SETUP_TIMEZONE]}
    return _store(step, form, blocks.place_seen, chosen)


def _take_policy(step: Step, form: Form) -> View | None:
    code = form.values[ids.SETUP_HOLIDAYS]
    holidays = None if code == NO_HOLIDAYS else code
    ticked = (form.values.get(ids.SETUP_CLOSURES) or "").split(",")
    closures = tuple(closure for closure in YearlyClosure if closure in ticked)
    template = PolicyTemplate(str(form.values[ids.SETUP_TEMPLATE]))
    chosen = {"policy": template, "holidays": holidays, "closures": closures}
    return _store(step, form, blocks.policy_seen, chosen)


def _store(step: Step, form: Form, seen: Callable[[Answers], str], chosen: Mapping[str, object]) -> View | None:
    """Store a step, unless somebody else has changed it since the form was opened: then they look at it again."""
    if seen(step.answers) != form.metadata.get("draft"):
        return forms.notice("setup.title", step.t.md("setup.changed_meanwhile"), step.t)
    step.store(step.answers.but(**chosen))
    return None


def _ask_for_channels(context: AppContext, caller: Caller, view: View) -> dict[str, str | None]:
    """Come into each Slack channel that was chosen anew, or make it. Returns what is used for what. Raises Invalid."""
    with context.database.snapshot() as tx:
        form = Form(tx, context, caller, context.now(), view)
        step = _step(form, hold=False)
    if not isinstance(step, Step) or form.metadata.get("draft") != blocks.channels_seen(step.answers):
        return {}
    used: dict[str, str | None] = {}
    errors: dict[str, str] = {}
    for use in blocks.USES:
        chosen, new = f"{ids.SETUP_CHANNEL}:{use}", f"{ids.SETUP_NEW_CHANNEL}:{use}"
        picked, written = form.values.get(chosen), form.values.get(new)
        try:
            used[use] = _channel(context, caller, picked, written, getattr(step.answers, use))
        except NotUsable as error:
            errors[chosen if picked else new] = step.t(f"setup.channel_error.{error.code}", name=written or "")
    if not used.get("mql") and not errors:
        errors[f"{ids.SETUP_CHANNEL}:mql"] = step.t("setup.channel_error.none")
    if errors:
        raise Invalid(errors)
    return used


def _channel(
    context: AppContext, caller: Caller, picked: str | None, written: str | None, known: str | None
) -> str | None:
    if picked is not None:
        return picked if picked == known else setup_channels.come_in(context.gateway, picked)
    if not written:
        return None
    made = setup_channels.make(context.gateway, written, context.identity.user_id)
    setup_channels.let_in(context.gateway, made, caller.user_id)
    return made


def _take_channels(step: Step, form: Form) -> View | None:
    made = [
        place
        for use, place in (form.asked or {}).items()
        if place and not form.values.get(f"{ids.SETUP_CHANNEL}:{use}") and place not in step.answers.created
    ]
    return _store(step, form, blocks.channels_seen, {**form.asked, "created": (*step.answers.created, *made)})


def _take_people(step: Step, form: Form) -> View | None:
    reading = Reading.of(step.known.reading)
    if reading is not None and reading.goes_on:
        raise Invalid({ids.SETUP_AS: step.t("setup.still_reading")})
    places = [place for name in (ids.SETUP_FROM, ids.SETUP_GROUP) if (place := form.values.get(name))]
    named = [user for user in (form.values.get(ids.SETUP_NAMED) or "").split(",") if user]
    if not places and not named:
        raise Invalid({ids.SETUP_FROM: step.t("setup.nobody_chosen")})
    part = Part(str(form.values[ids.SETUP_AS]))
    wish = Reading(places=tuple(places), people=tuple(named), named=tuple(named), part=part, count=len(named))
    step.store(step.answers, reading=wish.stored(), next_attempt_at=form.now)
    return None


def _start(step: Step) -> View | None:
    """Begin: the team is there, and the test lead comes in. Whoever presses twice finds it begun."""
    press, t = _press(step), step.t
    test = Lead.model_validate({field: t(f"setup.test_lead.{field}") for field in TEST_LEAD})
    try:
        outcome = start(press.tx, step.known, test, press.by, press.now)
    except BadFile as bad:
        problems = [escape(problem(t, issue)) for issue in bad.problems]
        return forms.notice("setup.title", lines([t.md("setup.refused"), *problems]), t)
    if isinstance(outcome, Incomplete):
        rest = t.listed([t(f"setup.missing.{what}") for what in outcome.missing])
        return forms.notice("setup.title", t.md("setup.not_yet", rest=rest), t)
    if isinstance(outcome, AlreadySetUp):
        return forms.notice("setup.title", t.md("setup.over"), t)
    slack_setup.know_ourselves(press.tx, press.context)
    return None


_FORMS_OPENED: dict[str, Callable[[Step], View]] = {
    ids.SETUP_PLACE: lambda step: blocks.place_form(step.answers, step.t),
    ids.SETUP_CHANNELS: lambda step: blocks.channels_form(step.answers, step.t),
    ids.SETUP_POLICY: lambda step: blocks.policy_form(step.answers, step.t),
}
_FORMS_TAKEN: dict[str, Callable[[Step, Form], View | None]] = {
    ids.SETUP_PLACE_FORM: _take_place,
    ids.SETUP_PEOPLE_FORM: _take_people,
    ids.SETUP_POLICY_FORM: _take_policy,
}
