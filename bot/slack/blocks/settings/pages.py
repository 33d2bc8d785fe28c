"""How the settings look: the list of all, lists of entries, and forms."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as field_of
from typing import Any

from bot.core.settings import Settings, entry
from bot.core.settings.change import Document
from bot.core.teamfile.positions import Path
from bot.core.teamfile.schema import default_at
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal, number_input
from bot.slack.blocks.base.kit import Block, View, actions, button, context, divider, lines, option, plain, section
from bot.slack.blocks.base.text import clip_md, line
from bot.slack.blocks.settings import effect as effects
from bot.slack.blocks.settings import hours
from bot.slack.blocks.settings.effect import Difference, Effect, phrase
from bot.slack.blocks.settings.entering import (
    block_of,
    entry_paths,
    is_new,
    kind_of,
    new_entry,
    opened,
    value_at,
)
from bot.slack.blocks.settings.kinds import Choice, Entry, Kind, Quiet
from bot.slack.blocks.settings.screens import (
    SCREENS,
    Field,
    Form,
    Group,
    Listing,
    Place,
    above,
    form_of,
    in_tier,
    listing_of,
    rows,
)

PAGE = 20
_TABLES = ("tiers", "people", "calendar", "hours")
"""Parts of paths that name no entry."""
_CALLED = {"tier_rules": "tier", "pool": "pool_page"}
"""What a new entry is called, where its form is about a part of it."""
_MORE = dict.fromkeys(("members", "people"), "settings.more_people")
NAMED = 5
SUMMARY = 280


def page(
    place: Place,
    settings: Settings,
    t: Translator,
    notice: Mrkdwn | None = None,
    groups: Mapping[str, str] | None = None,
) -> View:
    """Return the screen of a place. `notice` stands above it: what was just saved, or why not. `groups`: the @handles
    of user groups by id."""
    screen = SCREENS[place.screen]
    if isinstance(screen, Form):
        return form(Sheet(place, settings, opened(place, settings.document), groups or {}), t, notice)
    if isinstance(screen, Listing):
        return _list(place, screen, settings, t, notice)
    shown = [_row(row, settings, t) for row in rows(place, screen, settings.document)]
    back = [] if place.screen == "settings" else _back(place, t)
    head = [] if place.screen == "settings" else [section(Mrkdwn(f"*{_title(place, settings.document, t)}*"))]
    saved = [] if place.screen != "settings" else _saved(settings, t)
    return modal(t("settings.title"), [*_notice(notice), *head, *shown, *saved, *back], t)


def _saved(settings: Settings, t: Translator) -> list[Block]:
    at = settings.edition.at
    if at is None:
        return []
    return [context(t.md("settings.saved_last", who=who(settings, t), when=t.moment(at)))]


def who(settings: Settings, t: Translator) -> str:
    """Return who saved the settings last."""
    names = {person.user_id: person.name for person in settings.team.members}
    by = settings.edition.by
    return t("settings.command_line") if by is None else names.get(by, by)


def summary(place: Place, settings: Settings, t: Translator) -> Mrkdwn:
    """Return what holds at a place, in a line."""
    screen, document = SCREENS[place.screen], settings.document
    if isinstance(screen, Listing):
        entries = entry_paths(place, document)
        if place.screen in hours.WEEKS:
            entries = [day for day in entries if day[1]["hours"]]
        names = [_name(place, screen, known, t) for _, known in entries[:NAMED]]
        rest = len(entries) - NAMED
        more = [t.md(_MORE.get(place.screen, "settings.more"), count=rest)] if rest > 0 else []
        return Mrkdwn(t.listed([*names, *more])) if names else t.md("settings.nothing")
    if isinstance(screen, Group):
        return t.md(f"settings.link.{place.screen}")
    shown = opened(place, document)
    known = [(each, value_at(shown, each)) for each in screen.fields]
    set_ = [(each, value) for each, value in known if value not in (None, [], {})]
    parts = [
        f"{escape(t(f'settings.field.{each.key}'))}: {phrase(kind_of(each, place, document), value, t)}"
        for each, value in set_
    ]
    return clip_md(Mrkdwn(" · ".join(parts)), SUMMARY) if parts else t.md("settings.nothing")


def _row(place: Place, settings: Settings, t: Translator) -> Block:
    title = t(f"settings.screen.{place.screen}")
    text = lines([Mrkdwn(f"*{escape(title)}*"), summary(place, settings, t)])
    return section(text, button(t("settings.change"), ids.SETTING, place.value, say=f"{t('settings.change')} {title}"))


def _list(place: Place, listing: Listing, settings: Settings, t: Translator, notice: Mrkdwn | None) -> View:
    entries = _entries(place, settings)
    first = min(max(place.page, 0), max(len(entries) - 1, 0) // PAGE) * PAGE
    shown = entries[first : first + PAGE]
    blocks: list[Block] = [*_notice(notice), section(Mrkdwn(f"*{_title(place, settings.document, t)}*"))]
    blocks += _add(place, listing, settings, t)
    for path, known in shown:
        target = Place(listing.opens or listing.entry, path)
        name = _name(place, listing, known, t)
        blocks.append(section(name, button(t("settings.change"), ids.SETTING, target.value)))
    blocks += [] if entries else [section(t.md("settings.nothing"))]
    return modal(t("settings.title"), [*blocks, *_turn(place, first, len(entries), t), *_back(place, t)], t)


def _entries(place: Place, settings: Settings) -> Sequence[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Return the entries of a list; of a pool everybody in it, whether they have terms of their own or not."""
    if place.screen != "people":
        return entry_paths(place, settings.document)
    pool = settings.team.routing.pools_by_name.get(str(place.path[1]))
    users = list(pool.by_user) if pool else []
    own = {str(path[-1]): known for path, known in entry_paths(place, settings.document)}
    return [((*place.path, user), own.get(user, {"user": user})) for user in users]


def _add(place: Place, listing: Listing, settings: Settings, t: Translator) -> list[Block]:
    if listing.adds == "person":
        people = {
            "type": "users_select",
            "action_id": ids.SETTING_PERSON,
            "placeholder": plain(t("settings.pick"), 150),
        }
        return [section(t.md("settings.pick_person"), people)]
    if listing.adds is None:
        return []
    if entry(settings.document, place.path) is None and place.path[:2] == ("policy", "tiers"):
        return [context(t.md("settings.inherited")), *_add_button(place, listing, t)]
    way_back = [] if in_tier(place.path) is None or place.screen != "escalations" else _way_back(place, t)
    return [*_add_button(place, listing, t), *way_back]


def _way_back(place: Place, t: Translator) -> list[Block]:
    return actions([button(t("settings.as_policy"), ids.SETTING, Place("as_policy", place.path).value)])


def _add_button(place: Place, listing: Listing, t: Translator) -> list[Block]:
    return actions([button(t("settings.add"), ids.SETTING, Place(listing.entry, new_entry(place)).value)])


def _name(place: Place, listing: Listing, known: dict[str, Any], t: Translator) -> Mrkdwn:
    """Return an entry in a line."""
    if place.screen == "members":
        roles = t.listed([t(f"settings.word.{role}") for role in known["roles"]])
        left = "" if known.get("active", True) else f" {t('settings.inactive')}"
        return Mrkdwn(f"{escape(known['name'])} ({escape(roles)}){escape(left)}")
    if place.screen in hours.WEEKS:
        day = escape(t(f"settings.word.{known['day']}"))
        return Mrkdwn(f"{day}: {phrase(hours.Hours(), known['hours'], t)}")
    if place.screen == "escalations":
        return _step(known, t)
    if place.screen == "lost_reasons":
        return escape(known[t.locale.value])
    fields = form_of(Place(listing.entry)).fields
    parts = [
        phrase(each.kind, value, t)
        if number == 0 and not isinstance(value, int | float)
        else Mrkdwn(f"{escape(t(f'settings.field.{each.key}'))}: {phrase(each.kind, value, t)}")
        for number, each in enumerate(fields)
        if (value := value_at(known, each)) not in (None, [], {})
    ]
    head = [Mrkdwn(f"<@{known['user']}>")] if place.screen == "people" else []
    return clip_md(Mrkdwn(" · ".join([*head, *parts])), SUMMARY)


def _step(known: dict[str, Any], t: Translator) -> Mrkdwn:
    """Return an escalation step in a line: after how long whom, and what else it does."""
    by_name = {each.name: each for each in form_of(Place("escalation")).fields}
    who = phrase(by_name["to"].kind, known["to"], t)
    usual = {"after_hours": known["after_hours"], "to": known["to"], "do": "tell", "in_thread": False}
    more = [
        Mrkdwn(f"{escape(t(f'settings.field.{name}'))}: {phrase(each.kind, known[name], t)}")
        for name, each in by_name.items()
        if known.get(name) not in (None, usual.get(name))
    ]
    first = t.md("settings.step", span=by_name["after_hours"].kind.text(known["after_hours"], t), who=who)
    return clip_md(Mrkdwn(" · ".join([first, *more])), SUMMARY)


def _turn(place: Place, first: int, count: int, t: Translator) -> list[Block]:
    number, shown = first // PAGE, []
    if first:
        earlier = Place(place.screen, place.path, number - 1)
        shown.append(button(t("settings.before"), ids.SETTING, earlier.value))
    if first + PAGE < count:
        later = Place(place.screen, place.path, number + 1)
        shown.append(button(t("settings.after"), ids.SETTING_NEXT, later.value))
    return actions(shown)


def _back(place: Place, t: Translator) -> list[Block]:
    return actions([button(t("settings.back"), ids.SETTING_BACK, above(place).value)])


def _notice(notice: Mrkdwn | None) -> list[Block]:
    return [section(notice)] if notice else []


def _title(place: Place, document: Document, t: Translator) -> Mrkdwn:
    """Return where somebody is: the screen, and which entry."""
    word = escape(t(f"settings.screen.{place.screen}"))
    if is_new(place, document):
        return t.md("settings.new", what=t(f"settings.screen.{_CALLED.get(place.screen, place.screen)}"))
    shown = _about(place, document, t)
    return Mrkdwn(f"{word}: {escape(t.listed(shown))}") if shown else word


def _about(place: Place, document: Document, t: Translator) -> list[str]:
    """Return the names of what a screen is about."""
    day = [t(f"settings.word.{place.path[-1]}")] if place.screen in hours.DAYS else []
    if place.path[:1] == ("members",):
        person = entry(document, place.path[:2]) if len(place.path) > 1 else None
        return [*([person["name"]] if person else []), *day]
    path = place.path[1:-1] if day else place.path[1:]
    names = [part for part in path if isinstance(part, str) and part not in _TABLES]
    return [*(line(name, 60) for name in names if name not in SCREENS), *day]


@dataclass(frozen=True)
class Sheet:
    """A form as it is to be shown."""

    place: Place
    settings: Settings
    shown: dict[str, Any]
    """What stands in its fields."""
    groups: Mapping[str, str] = field_of(default_factory=dict)
    """The @handles of user groups by id, as far as they are known."""
    at: int | None = None
    """The place of the entry in its list, from 1, where its order means something."""
    removes: bool = False
    effect: Effect | None = None
    asked: str | None = None
    """A fingerprint of what the effect is the effect of: sent again unchanged, it is saved."""
    token: str | None = None
    """By which the open form is found when the effect follows later."""


def form(sheet: Sheet, t: Translator, notice: Mrkdwn | None = None) -> View:
    """Return a form, above its fields the effect of what is entered, if that is known."""
    place, document = sheet.place, sheet.settings.document
    screen = form_of(place)
    inputs = [block for each in screen.fields for block in _inputs(each, sheet, t)]
    # Above the fields: on a phone nobody would see what stands below them.
    effect = [*effects.blocks(sheet.effect, t), divider()] if sheet.effect else []
    head = [*_notice(notice), section(Mrkdwn(f"*{_title(place, document, t)}*")), *_intro(place, t)]
    shown = [*head, *effect, *inputs, *_list_inputs(sheet, t)]
    label = t("settings.preview" if screen.previews and sheet.effect is None else "settings.save")
    kept: dict[str, int | str | None] = {
        "place": place.value,
        "seen": sheet.settings.version,
        "was": held(place, document),
        "asked": sheet.asked,
    }
    view = modal(
        t("settings.title"), [*shown, *_back(place, t)], t, submit=label, callback_id=ids.SETTINGS_FORM, **kept
    )
    return view if sheet.token is None else {**view, "external_id": sheet.token}


def _intro(place: Place, t: Translator) -> list[Block]:
    return [context(t.md("settings.in_tier"))] if place.path[:2] == ("policy", "tiers") and len(place.path) > 2 else []


def _inputs(each: Field, sheet: Sheet, t: Translator) -> Iterable[Block]:
    hint = t(f"settings.hint.{each.key}") if each.hint else None
    kind = kind_of(each, sheet.place, sheet.settings.document)
    unset = _unset(kind, (*sheet.place.path, *each.path), t)
    label, groups = t(f"settings.field.{each.key}"), sheet.groups
    known = Entry(block_of(each), label, hint, optional=not each.required, unset=unset, groups=groups)
    return kind.inputs(known, value_at(sheet.shown, each), t)


def _unset(kind: Kind, path: Path, t: Translator) -> str:
    """Return what a choice comes to that says nothing: as in the policy, no condition, or the default by its name."""
    if "when" in path:
        return t("settings.unset_condition")
    if in_tier(path):
        return t("settings.unset_in_tier")
    if path[0] == "members" and path[-1] == "locale":
        return t("settings.unset_locale")
    default = False if path[0] == "lost_reasons" else default_at(path)
    known = isinstance(kind, Quiet) or (isinstance(kind, Choice) and str(default).lower() in kind.words)
    return t("settings.unset_default", value=kind.text(default, t)) if known else t("settings.nothing")


def _list_inputs(sheet: Sheet, t: Translator) -> Iterable[Block]:
    listed = listing_of(sheet.place.screen)
    if listed is None:
        yield from _as_policy(sheet, t)
        return
    _, listing = listed
    if sheet.at is not None:
        count = len(entry(sheet.settings.document, sheet.place.path[:-1]) or [])
        most = count + is_new(sheet.place, sheet.settings.document)
        yield field(ids.SETTING_PLACE, t("settings.place", count=most), number_input(ids.SETTING_PLACE, sheet.at, most))
    if listing.removable and not is_new(sheet.place, sheet.settings.document):
        options = [option(t("settings.remove"), "remove")]
        element = {"type": "checkboxes", "action_id": ids.SETTING_REMOVE, "options": options}
        ticked = {"initial_options": options} if sheet.removes else {}
        yield field(ids.SETTING_REMOVE, t("settings.remove_label"), {**element, **ticked}, optional=True)


def _as_policy(sheet: Sheet, t: Translator) -> Iterable[Block]:
    """Yield the tick by which a tier gives up terms of its own, where it has some that no empty field gives up."""
    place, alone = sheet.place, sheet.place.screen == "as_policy"
    own = in_tier(place.path) is not None and entry(sheet.settings.document, place.path) is not None
    if own and (alone or place.screen == "calendar"):
        options = [option(t("settings.as_policy"), "remove")]
        element = {"type": "checkboxes", "action_id": ids.SETTING_REMOVE, "options": options}
        ticked = {"initial_options": options} if sheet.removes else {}
        label = t("settings.as_policy_label")
        yield field(ids.SETTING_REMOVE, label, {**element, **ticked}, optional=not alone)


def differences(place: Place, before: Document, after: dict[str, Any], t: Translator) -> list[Difference]:
    """Return the fields of a form that would be others."""
    shown = opened(place, before)
    pairs = [(each, value_at(shown, each), value_at(after, each)) for each in form_of(place).fields]
    return [
        Difference(t(f"settings.field.{each.key}"), kind_of(each, place, before), was, will)
        for each, was, will in pairs
        if was != will
    ]


def held(place: Place, document: Document) -> str:
    """Return a fingerprint of what the fields of a form hold: whether somebody else has changed just these."""
    shown = opened(place, document)
    return fingerprint([value_at(shown, each) for each in form_of(place).fields])


def fingerprint(value: Any) -> str:
    """Return a short sign for a value, the same for the same."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
