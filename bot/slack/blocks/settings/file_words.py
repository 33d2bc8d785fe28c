"""The team file's keys and values in the reader's words, by what the settings call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.sla.policy import LEVELS
from bot.core.teamfile.changes import shown
from bot.core.teamfile.positions import Path
from bot.i18n import Translator
from bot.slack.blocks.settings.groups import Target
from bot.slack.blocks.settings.kinds import Choice
from bot.slack.blocks.settings.screens import ANY, PATHS, SCREENS, Field, Form
from storage.vocabulary import CalendarKind, Role

_OF: Mapping[str, Path] = {
    "name": ("workspace", "name"),
    "locale": ("workspace", "locale"),
    "timezone": ("workspace", "timezone"),
    "mql_channel": ("channels", "mql"),
    "intake_channel": ("channels", "intake"),
    "marketing_channel": ("channels", "marketing"),
    "outcomes_told": ("outcomes", "tell"),
    "outcomes_time": ("outcomes", "time"),
    "digest_weekday": ("digest", "weekday"),
    "digest_time": ("digest", "time"),
    "digest_personal": ("digest", "personal"),
    "goals": ("goals",),
    "erase_after_days": ("privacy", "erase_after_days"),
    "webhook_url": ("webhook", "url"),
    "meeting_weekday": ("meeting", "weekday"),
    "meeting_time": ("meeting", "time"),
    "meeting_channel": ("meeting", "channel"),
    "daily_messages": ("messages", "per_person_per_day"),
    "queue_hours": ("messages", "queue_hours"),
    "owner_told": ("messages", "new_mql"),
    "anew_after_days": ("leads", "anew_after_days"),
    "pause_after": ("routing", "pause_after"),
    "within_hours": ("routing", "within_hours"),
}
"""Where what a difference calls by one word stands in the file."""
_FIELDS: dict[Path, Field] = {
    (*path, *field.path): field
    for name, path in PATHS
    if isinstance(screen := SCREENS[name], Form)
    for field in screen.fields
}
_TABLES: dict[Path, str] = {path: name for name, path in sorted(PATHS) if path and not isinstance(SCREENS[name], Form)}
_TABLES |= {path: name for name, path in sorted(PATHS) if path and path not in _TABLES and path != ("policy",)}


def worded(t: Translator, code: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a difference as its line is to have them. `raw_before` and `raw_after` of a policy are
    values rather than what the file says of them in short."""
    words = dict(values)
    if "roles" in words:
        words["roles"] = _roles(t, str(words["roles"]))
    if code == "policy_new":
        parts = (
            f"{named(t, ('policy', key))} {text(t, ('policy', key), value)}" for key, value in values["raw"].items()
        )
        words["policy"] = "".join(f"\n      {part}" for part in parts)
    elif code in ("value", "policy", "member"):
        path = path_of(code, str(values["field"]))
        words["field"] = named(t, path)
        for end in ("before", "after"):
            raw = values.get(f"raw_{end}")
            words[end] = _short(t, path, str(values[end])) if raw is None else text(t, path, raw)
    return words


def named(t: Translator, path: Path) -> str:
    """Return what the settings call a key, with the key itself; the key alone where they have no name for it. One of
    the policy and of a person stands below what it is of already."""
    alone = path[0] in ("policy", "members")
    key, label = ".".join(str(part) for part in (path[-1:] if alone else path)), _label(t, path)
    if label is None and alone and len(path) > 2:
        label = _label(t, path[:-1])
    if label is None:
        return key
    table = None if alone or len(path) == 1 else _label(t, path[:1])
    return t("config.named", label=f"{table}: {label}" if table else label, key=key)


def label_in_file(t: Translator, field: str, path: Path) -> str:
    """Return a key of a file as the place of a problem has it, with what the settings call it."""
    whole = path[:-1] if path and isinstance(path[-1], int) else path  # of a list its key
    label = _label(t, whole) if whole else None
    return field if label is None else t("config.named", label=label, key=field)


def text(t: Translator, path: Path, value: Any) -> str:
    """Return a value of the file in words of the reader."""
    if value in (None, [], (), {}):
        return "–"
    field = _FIELDS.get(_any(path))
    if field is not None:
        is_level = isinstance(field.kind, Target) and value in LEVELS
        return t(f"settings.word.{value}") if is_level else field.kind.text(value, t)
    if isinstance(value, dict) and "after_hours" in value:
        return _step(t, path, value)
    if isinstance(value, dict):
        known = {key: item for key, item in value.items() if item not in (None, [], {})}
        return t.listed([_entry(t, (*path, key), item) for key, item in known.items()])
    if isinstance(value, list | tuple):
        return " / ".join(text(t, (*path, ANY), item) for item in value)
    return t(f"settings.word.{value}") if value in set(CalendarKind) else shown(value)


def _entry(t: Translator, path: Path, value: Any) -> str:
    """Return a key of a table with its value; a table that has no name with us by what stands in it."""
    label = _label(t, path) or ("" if isinstance(value, dict) else str(path[-1]))
    return f"{label}: {text(t, path, value)}" if label else text(t, path, value)


def _step(t: Translator, path: Path, step: Mapping[str, Any]) -> str:
    """Return an escalation step: after how long whom, and what else it does."""
    span, who = (text(t, (*path, key), step[key]) for key in ("after_hours", "to"))
    usual = {"do": "tell", "in_thread": False}
    more = {
        key: step[key] for key in ("do", "in_thread", "repeat_hours", "repeat_times") if step[key] != usual.get(key)
    }
    first = t("settings.step", span=span, who=who)
    return t.listed(
        [first, *(f"{_label(t, (*path, key))}: {text(t, (*path, key), item)}" for key, item in more.items())]
    )


def path_of(code: str, field: str) -> Path:
    """Return where in the file stands what a difference of a kind, or the audit log, calls by one word or by several
    with dots between."""
    first: Path = {"policy": ("policy",), "member": ("members", ANY)}.get(code, ())
    return (*first, *field.split(".")) if first else _OF.get(field, (field,))


def _short(t: Translator, path: Path, written: str) -> str:
    """Return a value that is written in short, worded where it is one of some words."""
    field = _FIELDS.get(path)
    known = field.kind.words if field is not None and isinstance(field.kind, Choice) else ()
    parts = written.split(", ")
    return t.listed([t(f"settings.word.{part}") for part in parts]) if set(parts) <= set(known) else written


def _roles(t: Translator, written: str) -> str:
    return t.listed([t(f"settings.word.{role}") for role in written.split(", ") if role in set(Role)]) or written


def _label(t: Translator, path: Path) -> str | None:
    known = _any(path)
    if known in _FIELDS:
        return t(f"settings.field.{_FIELDS[known].key}")
    if known in _TABLES:
        return t(f"settings.screen.{_TABLES[known]}")
    return None


def _any(path: Path) -> Path:
    """Return a path with ANY in the place of every number and of what names an entry."""
    plain = tuple(ANY if isinstance(part, int) else part for part in path)
    if plain in _FIELDS or plain in _TABLES:
        return plain
    fits = (
        known
        for known in (*_FIELDS, *_TABLES)
        if len(known) == len(plain) and all(a in (ANY, b) for a, b in zip(known, plain, strict=True))
    )
    return next(fits, plain)
