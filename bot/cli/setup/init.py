"""`init`: asks for a team in the reader's language and writes a team file. Nothing is applied, and nothing is written
before every question has its answer."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeVar

import typer

from bot.cli.base import startup
from bot.cli.base.terminal import REFUSED, USAGE
from bot.cli.setup import init_file
from bot.cli.setup.init_people import People, Unknown, is_place
from bot.cli.teamfile import config_words
from bot.core.base import wall_clock
from bot.core.setup import document
from bot.core.setup.answers import Answers
from bot.core.sla.holidays import is_known
from bot.core.teamfile import BadFile, check, parse
from bot.core.teamfile.schema import timezones
from bot.i18n import Translator
from bot.settings import Settings
from bot.slack import setup_channels
from bot.slack.people.directory import SlackDirectory
from bot.slack.setup_channels import NotUsable
from bot.slack.web_api.gateway import Gateway, SlackFailure
from bot.system_errors import reason_of
from storage.vocabulary import Locale, PolicyTemplate, Role, YearlyClosure

NONE = "none"
ZONES = {Locale.JA: "Asia/Tokyo", Locale.EN: "UTC"}
NEEDED = (Role.REP, Role.MANAGER)
NOT_INVITED = ("missing_scope", "restricted_action", "user_not_found", "ura_max_channels")
"""Why Slack lets somebody into no channel (Slack documentation: conversations.invite), where we have words for it."""
ASKED = (Role.REP, Role.MANAGER, Role.HEAD, Role.MARKETER, Role.ADMIN)
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Given:
    """What was said on the command line; None is asked for."""

    name: str | None
    language: Locale | None
    timezone: str | None
    places: Mapping[str, str | None]
    from_channel: str | None
    people: Mapping[Role, list[str] | None]
    policy: PolicyTemplate | None
    holidays: str | None
    closures: list[YearlyClosure] | None


def init(file: Path, given: Given, *, yes: bool, overwrite: bool) -> None:
    """Ask, and write the file. Exit code 1: the answers do not make a team; 2: an answer is missing or cannot be taken,
    or the file is there and is to stay."""
    settings, t = startup.settings(), startup.translator()
    asking = _Asking(t, yes=yes)
    _may_write(file, asking, overwrite=overwrite)
    with startup.in_one_line(settings):
        gateway = _gateway(settings)
        if gateway is None:
            typer.echo(t("init.without_slack"))
        people = People(gateway)
        made: dict[str, str] = {}
        answers = _answers(asking, given, gateway, people, made)
        tables = document.tables(answers)
        text = init_file.text_of(tables, str(file), Translator(answers.locale, answers.timezone))
        _checked(text, file, t, gateway)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        _refuse(t, "init.not_written", file=file, reason=reason_of(t, error))
    if gateway is not None:
        _invite(t, gateway, made, people)
    typer.echo(t("init.written", file=file))


class _Asking:
    """Asks one question after the other."""

    def __init__(self, t: Translator, *, yes: bool) -> None:
        self.t, self._yes = t, yes

    def ask(
        self, key: str, given: str | None, default: str | None, read: Callable[[str], Answer], **values: object
    ) -> Answer:
        """Return the answer that was given, else the usual one with --yes, else what a person types, asked again until
        it can be taken. `read` raises Unknown. Exit code 2 where nobody answers."""
        if given is not None or (self._yes and default is not None):
            try:
                return read(given if given is not None else str(default))
            except Unknown as unknown:
                _refuse(self.t, unknown.key, **unknown.values)
        if self._yes:
            option = "--" + key.rpartition(".")[2]
            _refuse(self.t, "init.missing", question=self.t(key, **values), option=option)
        while True:
            try:
                return read(self._typed(self.t(key, **values), default))
            except Unknown as unknown:
                typer.echo(self.t(unknown.key, **unknown.values), err=True)

    def agrees(self, key: str, **values: object) -> bool:
        """Return whether a person says yes to something that is not done unasked."""
        try:
            return not self._yes and typer.confirm(self.t(key, **values))
        except typer.Abort:
            self._nobody()

    def _typed(self, question: str, default: str | None) -> str:
        try:
            return str(typer.prompt(question, default=default or "", show_default=bool(default))).strip()
        except typer.Abort:
            self._nobody()

    def _nobody(self) -> NoReturn:
        typer.echo("")
        _refuse(self.t, "init.stopped" if sys.stdin.isatty() else "init.nobody_answers")


def _refuse(t: Translator, key: str, **values: object) -> NoReturn:
    typer.echo(t(key, **values), err=True)
    raise typer.Exit(USAGE)


def _may_write(file: Path, asking: _Asking, *, overwrite: bool) -> None:
    if file.exists() and not overwrite and not asking.agrees("init.overwrite", file=file):
        _refuse(asking.t, "init.kept", file=file)


def _gateway(settings: Settings) -> Gateway | None:
    token = settings.slack_bot_token
    return Gateway(token.get_secret_value(), settings.slack_api_url) if token else None


def _answers(asking: _Asking, given: Given, gateway: Gateway | None, people: People, made: dict[str, str]) -> Answers:
    team = str(gateway.call("auth.test").get("team") or "") if gateway else ""
    locale = asking.ask("init.ask.language", given.language, asking.t.locale.value, _locale)
    timezone = asking.ask("init.ask.timezone", given.timezone, ZONES[locale], _timezone)
    name = asking.ask("init.ask.name", given.name, team or None, _said)
    usual = Answers.usual(name, locale, timezone, wall_clock.utcnow().year)
    _ask_for_people(asking, given, people)  # before a channel is made, for nobody may be found
    places = {use: _place(asking, use, given, gateway, made) for use in ("mql", "intake", "managers")}
    template = asking.ask("init.ask.policy", given.policy, usual.policy.value, _template)
    holidays = asking.ask("init.ask.holidays", given.holidays, usual.holidays or NONE, _holidays)
    closures = None if given.closures is None else ",".join(given.closures)
    off = asking.ask("init.ask.closures", closures, ",".join(usual.closures) or NONE, _closures)
    chosen = {"policy": template, "holidays": holidays, "closures": off, "people": tuple(people.known.values())}
    return usual.but(**places, **chosen)


def _place(asking: _Asking, use: str, given: Given, gateway: Gateway | None, made: dict[str, str]) -> str | None:
    """Return a Slack channel as the file names it. One that is not there is made, and stands in `made` by its id; one
    that the bot is not in is joined."""

    def read(written: str) -> str | None:
        if written in ("", NONE):
            if use == "mql":
                raise Unknown("init.channel_needed")
            return None
        if gateway is None:
            return written if written.startswith(("#", "C", "G")) else f"#{written}"
        return _come_in(asking, gateway, written, made)

    return asking.ask(f"init.ask.channel.{use}", given.places.get(use), "#mql" if use == "mql" else NONE, read)


def _come_in(asking: _Asking, gateway: Gateway, written: str, made: dict[str, str]) -> str:
    name = written.removeprefix("#")
    by_id = written if re.fullmatch(r"[CG][A-Z0-9]{8,}", written) else None
    try:
        channel = by_id or SlackDirectory(gateway).channel_by_name(name)
        if channel is None:
            made[setup_channels.make(gateway, name, str(gateway.call("auth.test")["user_id"]))] = name
            typer.echo(asking.t("init.made", name=name))
            return f"#{name}"
        setup_channels.come_in(gateway, channel)
    except NotUsable as error:
        raise Unknown(f"setup.channel_error.{error.code}", name=name) from error
    return by_id or f"#{name}"


def _invite(t: Translator, gateway: Gateway, made: Mapping[str, str], people: People) -> None:
    """Invite the team into the channels that were made, and say who is not in them, and why."""
    names = {user_id: people.known[user].name for user, user_id in people.ids.items() if user in people.known}
    for channel, place in made.items():
        refused = _refused(gateway, channel, list(names))
        if len(refused) < len(names):
            typer.echo(t("init.invited", name=place, count=len(names) - len(refused)))
        if refused:
            who = [t("init.refused", name=names[user], reason=_why(t, code)) for user, code in refused.items()]
            typer.echo(t("init.not_invited", name=place, names=t.listed(who[:20])), err=True)


def _refused(gateway: Gateway, channel: str, user_ids: list[str]) -> dict[str, str]:
    try:
        return setup_channels.invite(gateway, channel, user_ids)
    except SlackFailure as failure:
        return dict.fromkeys(user_ids, failure.code)


def _why(t: Translator, code: str) -> str:
    return t(f"init.not_invited.{code}") if code in NOT_INVITED else t("init.not_invited.otherwise", code=code)


def _channel(written: str) -> str:
    """Return a channel as it is meant: a shell takes an unquoted # for a comment, so it may be left out."""
    return written if is_place(written) else f"#{written}"


def _ask_for_people(asking: _Asking, given: Given, people: People) -> None:
    def read(role: Role) -> Callable[[str], None]:
        def add(written: str) -> None:
            if written not in ("", NONE):
                people.add([written], role)
            if role in NEEDED and not people.holds(role):
                raise Unknown(f"init.needs.{role}")

        return add

    for role in ASKED:
        known = given.people.get(role) or []
        if role == Role.REP and given.from_channel:
            known = [_channel(given.from_channel), *known]
        usual = people.first(Role.MANAGER) if role == Role.ADMIN else NONE
        given_people = ",".join(known) if known else None
        asking.ask(f"init.ask.people.{role}", given_people, None if role in NEEDED else usual, read(role))
    if people.left_out:
        typer.echo(asking.t("init.left_out", names=asking.t.listed(people.left_out[:20])))


def _checked(text: str, file: Path, t: Translator, gateway: Gateway | None) -> None:
    """Leave with exit code 1, and with every problem, where the file's own checks refuse it."""
    try:
        if gateway is None:
            check(text)
        else:
            parse(text, SlackDirectory(gateway))
    except BadFile as bad:
        typer.echo(config_words.refusal(t, str(file), bad), err=True)
        raise typer.Exit(REFUSED) from bad


def _said(written: str) -> str:
    if not written:
        raise Unknown("init.say_something")
    return written


def _locale(written: str) -> Locale:
    return _one_of(Locale, written)


def _template(written: str) -> PolicyTemplate:
    return _one_of(PolicyTemplate, written)


def _one_of(words: type[Answer], written: str) -> Answer:
    with suppress(ValueError):
        return words(written.strip().lower())  # type: ignore[call-arg]
    raise Unknown("init.one_of", choices=", ".join(map(str, words)))  # type: ignore[call-overload]


def _timezone(written: str) -> str:
    if written not in timezones():
        raise Unknown("init.no_timezone", given=written)
    return written


def _holidays(written: str) -> str | None:
    if written.lower() in ("", NONE):
        return None
    if not is_known(written.upper()):
        raise Unknown("init.no_holidays", given=written)
    return written.upper()


def _closures(written: str) -> tuple[YearlyClosure, ...]:
    words = [word.strip() for word in written.split(",") if word.strip() not in ("", NONE)]
    return tuple(_one_of(YearlyClosure, word) for word in words)
