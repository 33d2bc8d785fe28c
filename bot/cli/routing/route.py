"""`route --dry-run` and `fairness`: what routes come to, and how turns came about. Nothing is written."""

from __future__ import annotations

import html
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import typer

from bot.cli.base import startup
from bot.cli.base.choices import Form
from bot.cli.base.report_common import echo_json, plain
from bot.cli.base.terminal import USAGE
from bot.cli.base.workspace import OpenWorkspace, open_workspace
from bot.cli.routing import lead_problems
from bot.cli.teamfile.config import refusing, text_of
from bot.connectors import generic
from bot.core import teamfile
from bot.core.base import wall_clock
from bot.core.mql import route_preview
from bot.core.mql.lead import Lead
from bot.core.routing import rehearsal, shares
from bot.core.whatif import fairness_account
from bot.i18n import Mrkdwn
from bot.slack.blocks.mql import route_preview as blocks
from bot.slack.blocks.routing import turns
from storage import members


def route(what: str, workspace_id: str | None, *, dry_run: bool, form: Form) -> None:
    """Print what would become of a lead (JSON, or a file of it), or of the last 90 days' under a team file. Exit code
    1: the file or lead was refused; 2: it cannot be read."""
    if not dry_run or not what.strip():
        _refuse("route.usage")
    if what.lstrip().startswith(("{", "[")):
        _lead(what.encode(), workspace_id, form)
    elif what.endswith(".json"):
        _lead(text_of(Path(what), "route.no_such_file").encode(), workspace_id, form)
    else:
        _quarter(Path(what), workspace_id, form)


def _lead(body: bytes, workspace_id: str | None, form: Form) -> None:
    lead = generic.read(body)
    if not isinstance(lead, Lead):
        t = startup.translator()
        problems = t.flow(*(lead_problems.sentence(t, issue) for issue in lead))
        typer.echo(t("route.bad_lead", problems=problems), err=True)
        raise typer.Exit(1)
    with open_workspace(workspace_id) as opened, opened.database.snapshot() as tx:
        preview = route_preview.preview(tx, opened.workspace, lead, wall_clock.utcnow())
    if form == Form.JSON:
        echo_json(plain(preview))
    else:
        _print(blocks.of_lead(preview, opened.translator))


def _quarter(file: Path, workspace_id: str | None, form: Form) -> None:
    text = text_of(file)
    with refusing(file), open_workspace(workspace_id or teamfile.workspace_of(text)) as opened:
        with opened.database.snapshot() as tx:
            current = teamfile.current(tx, opened.workspace.id)
            if current is None:
                raise LookupError(opened.workspace.id)
            wanted = teamfile.draft(text, current)
            rehearsed = rehearsal.rehearse(tx, opened.workspace, wanted.routing, wall_clock.utcnow())
        names = {person.user_id: person.name for person in (*current.members, *wanted.members)}
    if form == Form.JSON:
        echo_json(plain(rehearsed))
    else:
        _print(blocks.of_quarter(rehearsed, names, opened.translator))


def fairness(user: str | None, workspace_id: str | None, form: Form) -> None:
    """Print everybody's shares of the last 90 days; with `user` (Slack id, e-mail address or name) how each of their
    turns came about."""
    with open_workspace(workspace_id) as opened, opened.database.snapshot() as tx:
        now = wall_clock.utcnow()
        if user is None:
            pools = shares.shares(tx, opened.workspace, now)
            _print_or_json(pools, [_text(block) for block in turns.shares(pools, opened.translator)], form)
            return
        account = fairness_account.account(tx, opened.workspace, _user(opened, user), now)
        report = turns.fairness(account, opened.translator)
    texts = [_text(block) for block in report.blocks]
    _print_or_json(account, texts, form)


def _user(opened: OpenWorkspace, written: str) -> str:
    with opened.database.snapshot() as tx:
        roster = members.roster(tx, opened.workspace.id)
    known = {
        name.casefold(): member.user_id
        for member in roster
        for name in (member.name, member.email or "", member.user_id)
    }
    if written.casefold() not in known:
        _refuse("fairness.nobody", user=written)
    return known[written.casefold()]


def _print_or_json(values: object, texts: Iterable[Mrkdwn], form: Form) -> None:
    if form == Form.JSON:
        echo_json(plain(values))
    else:
        _print(texts)


def _text(block: dict[str, object]) -> Mrkdwn:
    """Return the text of a block."""
    text = block.get("text")
    elements = block.get("elements")
    first = text if isinstance(text, dict) else elements[0] if isinstance(elements, list) and elements else {}
    return Mrkdwn(str(first.get("text", "")))


def _print(paragraphs: Iterable[Mrkdwn]) -> None:
    """Print Slack's mrkdwn without its marks."""
    for paragraph in paragraphs:
        typer.echo(html.unescape(paragraph.replace("*", "")) + "\n")


def _refuse(key: str, **values: object) -> NoReturn:
    typer.echo(startup.translator()(key, **values), err=True)
    raise typer.Exit(USAGE)
