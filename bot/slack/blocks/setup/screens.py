"""The first set-up of a workspace, in the App Home: what was chosen, what is missing, and a form for each step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from bot.connectors.sources.setup import Issued, Wanted
from bot.core.setup.answers import MOST_PEOPLE, Answers, Candidate, Part
from bot.core.setup.document import HOT_SCORE, HOURS, WORKING_DAY
from bot.core.setup.reading import Reading
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.example_days import example_days
from bot.slack.blocks.base.forms import field, modal, radio_buttons, text_input
from bot.slack.blocks.base.kit import (
    Block,
    Element,
    Message,
    View,
    actions,
    button,
    context,
    divider,
    header,
    lines,
    message,
    option,
    section,
    select,
)
from bot.slack.blocks.base.place_menus import holidays_menu, holidays_name, timezone_label, timezone_menu
from bot.slack.blocks.base.text import line
from storage.vocabulary import Locale, PolicyTemplate, Role, SourceKind, YearlyClosure

USES = ("mql", "intake", "managers")
NEW_MQL = "mql"
"""What a new Slack channel for the cards is called, unless somebody types another name."""
A_PAGE = 20
REPS_A_PAGE = 10
"""Each has a menu of all managers: more of them would be a larger view than Slack takes."""
MANAGERS_SHOWN = 99
GROUPS_SHOWN = 100


def seen(*values: object) -> str:
    """Return what tells whether somebody else has chosen otherwise since a form was opened."""
    return sha256(repr(values).encode()).hexdigest()[:16]


def place_seen(answers: Answers) -> str:
    """Return it of the first step."""
    return seen(answers.name, answers.locale, answers.timezone)


def channels_seen(answers: Answers) -> str:
    """Return it of the second step."""
    return seen(answers.mql, answers.intake, answers.managers)


def policy_seen(answers: Answers) -> str:
    """Return it of the last step."""
    return seen(answers.policy, answers.holidays, answers.closures)


def waiting(keepers: Sequence[str], t: Translator) -> Message:
    """Return what everybody reads who is not setting up: who is, or who can."""
    who = Mrkdwn(", ".join(f"<@{user}>" for user in keepers[:3]))
    text = t.md("setup.waiting", who=who) if keepers else t.md("setup.nobody")
    return message(text, [section(text)])


def home(answers: Answers, reading: Reading | None, keepers: Sequence[str], t: Translator) -> View:
    """Return the App Home of whoever sets up."""
    missing = tuple(answers.missing())
    steps = [
        *_step(1, _place(answers, t), _open(ids.SETUP_PLACE, t), t),
        *_channels(answers, missing, t),
        *_people(answers, reading, missing, t),
        *_step(4, _policy(answers, t), _open(ids.SETUP_POLICY, t), t),
    ]
    who = Mrkdwn(", ".join(f"<@{user}>" for user in keepers[:10]))
    blocks = [header(t("setup.title")), section(t.md("setup.about")), divider(), *steps, divider()]
    return {
        "type": "home",
        "blocks": [*blocks, *_end(answers, missing, reading, t), context(t.md("setup.who", who=who))],
    }


def _step(number: int, text: Mrkdwn, way: Element, t: Translator, *, done: bool = True) -> list[Block]:
    return [section(lines([_heading(number, t, done=done), text]), way)]


def _heading(number: int, t: Translator, *, done: bool) -> Mrkdwn:
    return Mrkdwn(f"{'✅' if done else '⬜'} *{number}. {escape(t(f'setup.step.{number}'))}*")


def _open(action_id: str, t: Translator, *, first: bool = False) -> Element:
    return button(t("button.setup_choose" if first else "button.setup_change"), action_id, 0, primary=first)


def _place(answers: Answers, t: Translator) -> Mrkdwn:
    return escape(
        f"{t(f'setup.language.{answers.locale}')} · {timezone_label(answers.timezone, t)} · {line(answers.name)}"
    )


def _channels(answers: Answers, missing: Sequence[str], t: Translator) -> list[Block]:
    chosen = {use: getattr(answers, use) for use in USES}
    used = lines(t.md(f"setup.use.{use}", place=Mrkdwn(f"<#{place}>")) for use, place in chosen.items() if place)
    lacking = "mql" in missing
    way = _open(ids.SETUP_CHANNELS, t, first=lacking)
    return _step(2, t.md("setup.channels_todo") if lacking else used, way, t, done=not lacking)


def _people(answers: Answers, reading: Reading | None, missing: Sequence[str], t: Translator) -> list[Block]:
    lacking = [role for role in (Role.REP, Role.MANAGER) if role in missing]
    counts = [(role, len(answers.those(role))) for role in Role]
    numbers = t.listed([t(f"setup.count.{role}", count=count) for role, count in counts if count])
    todo = [t.md(f"setup.lacks.{role}") for role in lacking]
    first = bool(lacking) and "mql" not in missing
    text = lines([_heading(3, t, done=not lacking), escape(numbers), *todo])
    add = button(t("button.setup_add"), ids.SETUP_PEOPLE, 0, primary=first)
    more = [button(t("button.setup_parts"), ids.SETUP_PARTS, 0)]
    if len(answers.those(Role.MANAGER)) > 1 and answers.those(Role.REP):
        more.append(button(t("button.setup_managers"), ids.SETUP_MANAGERS, 0))
    news = [context(words) for words in _reading(reading, t)]
    return [section(text, add), *news, *(actions(more) if len(answers.people) > 1 else [])]


def _reading(reading: Reading | None, t: Translator) -> Iterator[Mrkdwn]:
    """Say how the last wish to add people goes."""
    if reading is None:
        return
    if reading.problem is not None:
        yield t.md(f"setup.reading.{reading.problem}", **{name: _worded(name, v) for name, v in reading.values.items()})
    elif reading.goes_on and not reading.count:
        yield t.md("setup.reading.begins")
    elif reading.goes_on:
        yield t.md("setup.reading.on", done=reading.count - len(reading.people), count=reading.count)
    else:
        counts = {what: getattr(reading, what) for what in ("bots", "guests", "closed")}
        left = [t(f"setup.left.{what}", count=count) for what, count in counts.items() if count]
        yield t.md("setup.reading.done", count=reading.added) if reading.added else t.md("setup.reading.nobody")
        if left:
            hint = t.md("setup.reading.guests") if reading.guests else None
            yield lines([t.md("setup.reading.left", which=t.listed(left)), hint])


def _worded(name: str, value: str | int) -> str | int:
    """Return a value of a problem with reading: a Slack channel as its mention, another text as a clean line."""
    if name == "place":
        return Mrkdwn(f"<#{value}>")
    return line(value) if isinstance(value, str) else value


def _policy(answers: Answers, t: Translator) -> Mrkdwn:
    closures = [t(f"setup.closure.{closure}") for closure in answers.closures]
    code = answers.holidays
    public = [t("setup.holidays_of", country=holidays_name(code, t))] if code else []
    off = t.listed([*public, *closures]) or t("setup.no_holidays")
    return lines([_promise(answers.policy, t), t.md("setup.days_off", days=off)])


def _promise(template: PolicyTemplate, t: Translator) -> Mrkdwn:
    due = HOURS[template]
    return t.md(f"setup.promise.{template}", due=due, twice=2 * due, score=HOT_SCORE, day=WORKING_DAY)


def _end(answers: Answers, missing: Sequence[str], reading: Reading | None, t: Translator) -> list[Block]:
    if missing:
        rest = t.listed([t(f"setup.missing.{what}") for what in missing])
        return [section(t.md("setup.not_yet", rest=rest))]
    if reading is not None and reading.goes_on:
        return [section(t.md("setup.still_reading"))]
    place = Mrkdwn(f"<#{answers.mql}>")
    start = button(t("button.setup_start"), ids.SETUP_START, 0, primary=True)
    return [section(t.md("setup.ready", place=place)), *actions([start])]


def place_form(answers: Answers, t: Translator) -> View:
    """Return the language, the timezone and the name."""
    tongues = [option(t(f"setup.language.{locale}"), locale.value) for locale in Locale]
    language = {
        **radio_buttons(ids.SETUP_LANGUAGE, tongues),
        "initial_option": tongues[list(Locale).index(answers.locale)],
    }
    zone = timezone_menu(answers.timezone, t)
    blocks = [
        field(ids.SETUP_LANGUAGE, t("setup.language"), language, hint=t("setup.language_hint")),
        field(ids.SETUP_TIMEZONE, t("setup.timezone"), zone, hint=t("setup.timezone_hint")),
        field(ids.SETUP_NAME, t("setup.name"), text_input(ids.SETUP_NAME, answers.name)),
    ]
    return _form(1, blocks, ids.SETUP_PLACE_FORM, t, draft=place_seen(answers))


def channels_form(answers: Answers, t: Translator) -> View:
    """Return the Slack channels: each is chosen, or made."""
    blocks: list[Block] = [section(t.md("setup.channels_about"))]
    for use in USES:
        known = getattr(answers, use)
        initial = NEW_MQL if use == "mql" and known is None else None
        chosen, new = f"{ids.SETUP_CHANNEL}:{use}", f"{ids.SETUP_NEW_CHANNEL}:{use}"
        made = text_input(ids.SETUP_NEW_CHANNEL, initial, most=80)
        blocks += [
            divider(),
            field(chosen, t(f"setup.channel.{use}"), _conversations(ids.SETUP_CHANNEL, known, t), optional=True),
            field(new, t("setup.new_channel"), made, optional=True, hint=t(f"setup.channel_hint.{use}")),
        ]
    return _form(2, blocks, ids.SETUP_CHANNELS_FORM, t, draft=channels_seen(answers))


def _conversations(action_id: str, initial: str | None, t: Translator) -> Element:
    wanted = {"include": ["public", "private"], "exclude_bot_users": True, "exclude_external_shared_channels": True}
    element = {"type": "conversations_select", "action_id": action_id, "filter": wanted}
    element["placeholder"] = {"type": "plain_text", "text": t("setup.choose_channel")}
    return element | ({"initial_conversation": initial} if initial else {})


def people_form(t: Translator, groups: Sequence[tuple[str, str]] = ()) -> View:
    """Return where people are taken from, and what they are. `groups`: user groups by id and @handle."""
    parts = [option(t(f"setup.part.{part}"), part.value) for part in Part if part != Part.NONE]
    users = {"type": "multi_users_select", "action_id": ids.SETUP_NAMED}
    users["placeholder"] = {"type": "plain_text", "text": t("setup.choose_people")}  # type: ignore[assignment]
    place = _conversations(ids.SETUP_FROM, None, t)
    blocks = [
        section(t.md("setup.people_about", most=MOST_PEOPLE)),
        field(ids.SETUP_AS, t("setup.as"), select(ids.SETUP_AS, parts, t("form.choose"), Part.REP)),
        field(ids.SETUP_FROM, t("setup.from"), place, optional=True, hint=t("setup.from_hint")),
        *_groups(groups, t),
        field(ids.SETUP_NAMED, t("setup.named"), users, optional=True),
    ]
    return _form(3, blocks, ids.SETUP_PEOPLE_FORM, t, submit=t("button.setup_add"))


def _groups(groups: Sequence[tuple[str, str]], t: Translator) -> list[Block]:
    if not groups:
        return []
    choices = [option(handle, group_id) for group_id, handle in groups[:GROUPS_SHOWN]]
    return [field(ids.SETUP_GROUP, t("setup.group"), select(ids.SETUP_GROUP, choices, t("form.choose")), optional=True)]


def parts_page(answers: Answers, number: int, keeper: str, t: Translator) -> View:
    """Return what everybody is, with a choice each, which counts at once."""
    rows = [_part_row(person, keeper, t) for person in _of_page(answers.people, number)]
    about = section(t.md("setup.parts_about"))
    return modal(t("setup.step.3"), [about, *rows, *_pages(len(answers.people), number, ids.SETUP_PARTS, t)], t)


def _part_row(person: Candidate, keeper: str, t: Translator) -> Block:
    options = [option(t(f"setup.part.{part}"), f"{person.user}:{part}") for part in Part]
    chosen = select(ids.SETUP_PART, options, t("form.choose"), f"{person.user}:{person.part}")
    you = [t.md("setup.stays_admin")] if person.user == keeper else []
    return _row(person, section(lines([Mrkdwn(f"*{escape(line(person.name))}*"), *you]), chosen))


def managers_page(answers: Answers, number: int, t: Translator) -> View:
    """Return whose manager is who, with a choice each, which counts at once."""
    reps, managers = answers.those(Role.REP), answers.those(Role.MANAGER)[:MANAGERS_SHOWN]
    rows = [_manager_row(person, managers, t) for person in _of_page(reps, number, REPS_A_PAGE)]
    about = section(t.md("setup.managers_about"))
    ways = _pages(len(reps), number, ids.SETUP_MANAGERS, t, REPS_A_PAGE)
    return modal(t("setup.managers"), [about, *rows, *ways], t)


def _manager_row(person: Candidate, managers: Sequence[Candidate], t: Translator) -> Block:
    others = [other for other in managers if other.user != person.user]
    every = option(t("setup.every_manager"), f"{person.user}:")
    options = [every, *(option(line(other.name, 70), f"{person.user}:{other.user}") for other in others)]
    chosen = select(ids.SETUP_MANAGER, options, t("form.choose"), f"{person.user}:{person.manager or ''}")
    return _row(person, section(Mrkdwn(f"*{escape(line(person.name))}*"), chosen))


def _row(person: Candidate, block: Block) -> Block:
    return {**block, "block_id": f"setup_row:{person.user}"}


def _of_page(people: Sequence[Candidate], number: int, size: int = A_PAGE) -> Sequence[Candidate]:
    return people[number * size : (number + 1) * size]


def _pages(count: int, number: int, action_id: str, t: Translator, size: int = A_PAGE) -> list[Block]:
    """Return the way to the other pages: each button in a row of its own, for they find the same listener."""
    last = max(0, (count - 1) // size)
    ways = [(number - 1, "button.setup_before"), (number + 1, "button.setup_after")]
    rows = [actions([button(t(key), action_id, page)]) for page, key in ways if 0 <= page <= last]
    return [block for row in rows for block in row]


def policy_form(answers: Answers, t: Translator) -> View:
    """Return within what time sales answers, and on which days no time counts."""
    templates = [
        option(t(f"setup.template.{template}"), template.value, description=t(f"setup.template_about.{template}"))
        for template in PolicyTemplate
    ]
    initial = templates[list(PolicyTemplate).index(answers.policy)]
    blocks = [
        section(t.md("setup.policy_about")),
        field(
            ids.SETUP_TEMPLATE,
            t("setup.template"),
            {**radio_buttons(ids.SETUP_TEMPLATE, templates), "initial_option": initial},
        ),
        field(
            ids.SETUP_HOLIDAYS,
            t("setup.holidays"),
            holidays_menu(answers.holidays, t),
            hint=t("setup.country_hint"),
        ),
        _closures(answers, t),
    ]
    return _form(4, blocks, ids.SETUP_POLICY_FORM, t, draft=policy_seen(answers))


def _closures(answers: Answers, t: Translator) -> Block:
    options = [option(t(f"setup.closure.{closure}"), closure.value) for closure in YearlyClosure]
    ticked = [choice for choice in options if choice["value"] in answers.closures]
    boxes: Element = {"type": "checkboxes", "action_id": ids.SETUP_CLOSURES, "options": options}
    boxes |= {"initial_options": ticked} if ticked else {}
    return field(ids.SETUP_CLOSURES, t("setup.closures"), boxes, optional=True, hint=t("setup.holidays_hint"))


def _form(number: int, blocks: Sequence[Block], callback_id: str, t: Translator, **kept: str) -> View:
    submit = kept.pop("submit", t("button.setup_save"))
    return modal(t(f"setup.step.{number}"), blocks, t, submit=submit, callback_id=callback_id, home=1, **kept)


def source_form(kinds: Sequence[SourceKind], t: Translator) -> View:
    """Return the choice of a tool that sends leads."""
    options = [option(t(f"source.kind.{kind}"), kind.value) for kind in kinds]
    chooser = select(ids.SETUP_KIND, options, t("form.choose"))
    blocks = [
        section(t.md("setup.source_about")),
        field(ids.SETUP_KIND, t("setup.source_kind"), chooser, hint=t("setup.source_hint")),
    ]
    submit, callback_id = t("button.setup_add"), ids.SETUP_SOURCE_FORM
    return modal(t("setup.source"), blocks, t, submit=submit, callback_id=callback_id)


def source_page(wanted: Wanted, issued: Issued, public_url: str, t: Translator, now: datetime) -> View:
    """Return the address and the secret of a new source, the only time that they can be read, and where to click."""
    secrets = {"address": public_url + wanted.path(issued), "key": issued.signing_key, "header": None}
    if issued.header is not None:
        value = f"Bearer {issued.header}" if wanted.header == "authorization" else issued.header
        secrets["header"] = f"{wanted.header}: {value}"
    shown = [(t(f"setup.source_secret.{what}"), value) for what, value in secrets.items() if value]
    values = [section(Mrkdwn(f"*{escape(name)}*\n`{escape(value)}`")) for name, value in shown]
    week = example_days(t, now)["example_week"]
    clicks = escape(t(f"source.clicks.{wanted.kind}.{wanted.proof}", week=week))
    after = t.md("setup.source_after", name=wanted.name)
    return modal(t("setup.source"), [section(t.md("source.shown_once")), *values, section(clicks), section(after)], t)


def begun(place: str, test: str | None, t: Translator) -> list[Block]:
    """Return what stands above the App Home after the end of the set-up. `test`: the test lead, while it is there."""
    shown = [t.md("setup.begun"), t.md("setup.test", number=test, place=Mrkdwn(f"<#{place}>")) if test else None]
    ways = [button(t("button.setup_withdraw"), ids.SETUP_WITHDRAW, 0)] if test else []
    ways += [button(t("button.setup_source"), ids.SETUP_SOURCE, 0), button(t("button.setup_close"), ids.SETUP_CLOSE, 0)]
    return [section(lines([*shown, t.md("setup.next")])), *actions(ways), divider()]
