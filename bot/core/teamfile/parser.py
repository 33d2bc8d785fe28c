"""From the text of a team file to a TeamFile, or to every problem it has."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.core.agreement.goals import Goals
from bot.core.sla.policy import PolicyTable, read_policy
from bot.core.teamfile import checks, name_resolution, routing_tables
from bot.core.teamfile.name_resolution import Directory
from bot.core.teamfile.positions import Path, lines_of
from bot.core.teamfile.problems import BadFile, Problem, Problems, unknown_key
from bot.core.teamfile.schema import (
    DEFAULT_REASONS,
    OTHER,
    TOP_LEVEL,
    UNFIT,
    WEEKDAYS,
    ChannelsTable,
    DefinitionTable,
    DigestTable,
    LeadsTable,
    LostReasonTable,
    MeetingTable,
    MemberTable,
    MessagesTable,
    OutcomesTable,
    PrivacyTable,
    Reason,
    TeamFile,
    WebhookTable,
    WorkspaceTable,
    known_keys,
)
from storage.vocabulary import Locale

Model = TypeVar("Model", bound=BaseModel)


def parse(text: str, directory: Directory | None) -> TeamFile:
    """Read a team file whole. `directory` knows the people and conversations of Slack; without it only ids are
    taken. Raises BadFile with every problem, and whatever `directory` raises."""
    return read_tables(document_of(text), text, directory)


def read_tables(document: dict[str, Any], text: str, directory: Directory | None) -> TeamFile:
    """Like `parse`, of what `text` says, or of that and more: what is not in the text is at fault where its table
    stands, or on the first line."""
    problems = Problems(lines_of(text))
    read = _Reader(document, problems)
    tables = _tables(read, document, problems)
    outcomes = _outcomes(read, document, tables.channels, problems)
    reasons = _reasons(read.tables("lost_reasons", LostReasonTable, optional=True)) or DEFAULT_REASONS
    read.unknown_tables()
    checks.reasons(document.get("lost_reasons"), problems)
    read.unexplained()
    workspace, channels, meeting, agreed = tables.workspace, tables.channels, tables.meeting, tables.policy
    team, members, places = name_resolution.resolve(workspace, channels, tables.members, directory, problems)
    room = name_resolution.channel(("meeting", "channel"), meeting.channel, directory, problems) if meeting else None
    checks.roster(members, len(read.items("members")), problems)
    complete = len(members) == len(read.items("members"))
    body = name_resolution.policy(agreed, members.values(), directory, problems, complete=complete) if agreed else {}
    routing = routing_tables.read(read, members, directory, problems, complete=complete)
    digest, messages = tables.digest, tables.messages or MessagesTable()
    if problems.found or not (workspace and channels and digest and outcomes and tables.goals):
        raise BadFile(problems.found, _locale(document))
    return TeamFile(
        workspace_id=team,
        name=workspace.name,
        locale=workspace.locale,
        timezone=workspace.timezone,
        mql_channel=places["mql"],
        intake_channel=places.get("intake"),
        digest_weekday=WEEKDAYS.index(digest.weekday),
        digest_time=digest.time,
        policy=read_policy(body),
        members=tuple(members.values()),
        reasons=reasons,
        erase_after_days=tables.privacy.erase_after_days if tables.privacy else None,
        webhook_url=tables.webhook.url if tables.webhook else None,
        marketing_channel=places.get("marketing"),
        outcomes_told=outcomes.tell,
        outcomes_time=outcomes.time,
        meeting_weekday=WEEKDAYS.index(meeting.weekday) if meeting else None,
        meeting_time=meeting.time if meeting else None,
        meeting_channel=room,
        daily_messages=messages.per_person_per_day,
        queue_hours=messages.queue_hours,
        owner_told=messages.new_mql,
        anew_after_days=(tables.leads or LeadsTable()).anew_after_days,
        digest_personal=digest.personal,
        goals=tables.goals,
        routing=routing,
        definition=tables.definition.wanted if tables.definition else None,
    )


@dataclass(frozen=True)
class _Tables:
    """The tables as they are read; None where one is at fault, or is not there and need not be."""

    workspace: WorkspaceTable | None
    channels: ChannelsTable | None
    digest: DigestTable | None
    meeting: MeetingTable | None
    messages: MessagesTable | None
    goals: Goals | None
    leads: LeadsTable | None
    definition: DefinitionTable | None
    privacy: PrivacyTable | None
    webhook: WebhookTable | None
    policy: PolicyTable | None
    members: dict[int, MemberTable]


def _tables(read: _Reader, document: dict[str, Any], problems: Problems) -> _Tables:
    return _Tables(
        workspace=read.table("workspace", WorkspaceTable),
        channels=read.table("channels", ChannelsTable),
        digest=read.table("digest", DigestTable, default=DigestTable()),
        meeting=read.table("meeting", MeetingTable) if "meeting" in document else None,
        messages=read.table("messages", MessagesTable, default=MessagesTable()),
        goals=read.table("goals", Goals, default=Goals()),
        leads=read.table("leads", LeadsTable, default=LeadsTable()),
        definition=read.table("definition", DefinitionTable) if "definition" in document else None,
        privacy=read.table("privacy", PrivacyTable, default=PrivacyTable()),
        webhook=read.table("webhook", WebhookTable) if "webhook" in document else None,
        policy=_policy(read, document, problems),
        members=read.tables("members", MemberTable),
    )


def document_of(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text. Raises BadFile where it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at (?:line (\d+), column \d+|end of document)\)", str(error))
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        detail = str(error)[: place.start()].strip() if place else str(error)
        raise BadFile([Problem(line, "", "not_toml", {"detail": detail})]) from error
    except RecursionError as error:
        raise BadFile([Problem(1, "", "not_toml", {"detail": "too deeply nested"})]) from error
    except ValueError as error:  # Python reads no whole number of more than 4,300 digits
        line = next((n for n, text_ in enumerate(text.splitlines(), 1) if re.search(r"\d{4000}", text_)), 1)
        raise BadFile([Problem(line, "", "not_toml", {"detail": "a number with too many digits"})]) from error


def _locale(document: dict[str, Any]) -> Locale | None:
    table = document.get("workspace")
    locale = table.get("locale") if isinstance(table, dict) else None
    return Locale(locale) if locale in list(Locale) else None


def _reasons(tables: dict[int, LostReasonTable]) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            t.key,
            t.ja,
            t.en,
            t.key == OTHER if t.comment_required is None else t.comment_required,
            t.key in UNFIT if t.unfit is None else t.unfit,
        )
        for t in tables.values()
    )


class _Reader:
    """Reads the tables of one document one by one, so that a problem in one hides none in another."""

    def __init__(self, document: dict[str, Any], problems: Problems) -> None:
        self._document, self._problems = document, problems
        self._disagreements: dict[Path, str] = {}

    def table(self, name: str, kind: type[Model], default: Model | None = None) -> Model | None:
        """One table; `default` where it may be left out."""
        if name not in self._document:
            if default is None:
                self._problems.add((name,), "missing")
            return default
        return self._read(kind, self._document[name], name, (name,))

    def tables(self, name: str, kind: type[Model], *, optional: bool = False) -> dict[int, Model]:
        """Return the good ones of an array of tables, by index."""
        if name not in self._document:
            if not optional:
                self._problems.add((name,), "missing")
            return {}
        if not isinstance(self._document[name], list):
            self._problems.add((name,), "wrong_type", expected="tables")
            return {}
        if not self._document[name]:
            self._problems.add((name,), "too_short")
        read = ((i, self._read(kind, raw, name, (name, i))) for i, raw in enumerate(self._document[name]))
        return {index: table for index, table in read if table is not None}

    def items(self, name: str) -> list[Any]:
        """Return what stands in an array of tables, good or bad."""
        raw = self._document.get(name)
        return raw if isinstance(raw, list) else []

    def unknown_tables(self) -> None:
        """Refuse what belongs to no table."""
        for name in self._document.keys() - TOP_LEVEL.keys():
            code, values = unknown_key(name, TOP_LEVEL)
            self._problems.add((name,), code, **values)

    def unexplained(self) -> None:
        """Name the tables whose keys do not agree with each other, unless a check has said more closely why."""
        for path, message in self._disagreements.items():
            if not self._problems.any_under(path):
                self._problems.add(path, "invalid", given=message)

    def _read(self, kind: type[Model], raw: object, name: str, path: Path) -> Model | None:
        if not isinstance(raw, dict):
            self._problems.add(path, "wrong_type", expected="table")
            return None
        try:
            # As JSON, our strict tables refuse "24" as a number, but a word may still be one of a list of words.
            return kind.model_validate_json(json.dumps(raw, default=str))
        except ValidationError as error:
            for detail in error.errors():
                if not detail["loc"] and detail["type"] == "value_error":
                    self._disagreements[path] = str(detail["ctx"]["error"])
            self._problems.add_invalid(path, error, lambda inside: known_keys(name, inside))
            return None


def _outcomes(
    read: _Reader, document: dict[str, Any], channels: ChannelsTable | None, problems: Problems
) -> OutcomesTable | None:
    if "outcomes" in document and channels is not None and channels.marketing is None:
        problems.add(("outcomes",), "outcomes_nowhere")
    return read.table("outcomes", OutcomesTable, default=OutcomesTable())


def _policy(read: _Reader, document: dict[str, Any], problems: Problems) -> PolicyTable | None:
    agreed = read.table("policy", PolicyTable, default=PolicyTable())
    if agreed is not None:
        checks.policy(agreed, document.get("policy"), problems)
        checks.quiet_hours(agreed, problems)
    return agreed
