"""What would become of a lead by the routes, and of a quarter's leads under other ones: the form and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.mql.route_preview import RoutePreview
from bot.core.routing.rehearsal import Rehearsed
from bot.core.routing.routes import LAST
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.agreement.definition_rules import failing
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import TEXT, email_input, field, modal, number_input, read_only, text_input
from bot.slack.blocks.base.kit import View, lines, section
from bot.slack.blocks.base.text import bare_name, line
from bot.slack.blocks.mql.intake import SCORE_MOST
from bot.slack.blocks.routing import assignment

PEOPLE_SHOWN = 40


def form(t: Translator) -> View:
    """Return the form: a lead to try, or a part of a team file."""
    blocks = [
        section(t.md("route.about")),
        field(ids.COMPANY, t("field.company"), text_input(ids.COMPANY, None), optional=True),
        field(ids.EMAIL, t("field.email"), email_input(ids.EMAIL, None), optional=True),
        field(ids.CHANNEL, t("field.channel"), text_input(ids.CHANNEL, None), optional=True),
        field(ids.SCORE, t("field.score"), number_input(ids.SCORE, None, SCORE_MOST), optional=True),
        field(
            ids.ROUTE_MORE,
            t("route.more"),
            text_input(ids.ROUTE_MORE, None, most=TEXT, multiline=True),
            optional=True,
            hint=t("route.more_hint"),
        ),
        field(
            ids.ROUTE_FILE,
            t("route.file"),
            text_input(ids.ROUTE_FILE, None, most=TEXT, multiline=True),
            optional=True,
            hint=t("route.file_hint"),
        ),
    ]
    return modal(t("route.title"), blocks, t, submit=t("route.submit"), callback_id=ids.ROUTE_FORM)


def page(paragraphs: Sequence[Mrkdwn], t: Translator) -> View:
    """Return the answer."""
    return read_only(t("route.title"), paragraphs, t)


def of_lead(preview: RoutePreview, t: Translator) -> list[Mrkdwn]:
    """Return what would become of a lead, a paragraph for each question: is it an MQL, who gets it, why, until when."""
    paragraphs = [lines([_definition(preview, t), failing(preview.failing, t) or None])]
    if preview.joins is not None:
        paragraphs.append(t.md("route.joins", number=preview.joins))
    route = assignment.route_line(preview.decision, t) or t.md("route.none")
    paragraphs.append(lines([_who(preview, t), route, _due(preview, t)]))
    return [
        *paragraphs,
        lines([assignment.rule_line(preview.decision, t), *assignment.candidates(preview.decision, t)]),
    ]


def _definition(preview: RoutePreview, t: Translator) -> Mrkdwn:
    if preview.definition is None:
        return t.md("route.definition.none")
    return t.md(f"route.definition.{'held' if preview.failing else 'passes'}", version=preview.definition)


def _who(preview: RoutePreview, t: Translator) -> Mrkdwn:
    if preview.offered:
        return t.md("route.offered_to", names=t.listed([bare_name(name) for name in preview.offered]))
    if preview.chosen is None:
        return t.md("route.nobody")
    return Mrkdwn(f"*{t.md('route.goes_to', rep=bare_name(preview.chosen))}*")


def _due(preview: RoutePreview, t: Translator) -> Mrkdwn:
    at = t.deadline(preview.due_at)
    return t.md("route.due_tier", at=at, tier=line(preview.tier)) if preview.tier else t.md("route.due", at=at)


def of_quarter(rehearsed: Rehearsed, names: Mapping[str, str], t: Translator) -> list[Mrkdwn]:
    """Return how the MQLs of the last 90 days would have been shared out, beside how they were."""
    if not rehearsed.total:
        return [t.md("route.rehearsal_nothing")]
    users = sorted({*rehearsed.had, *rehearsed.would_have}, key=lambda user: (-rehearsed.had.get(user, 0), user))
    each = [_beside(rehearsed, user, names.get(user, user), t) for user in users[:PEOPLE_SHOWN]]
    nobody = t.md("route.rehearsal_nobody", count=rehearsed.nobody) if rehearsed.nobody else None
    routes = [
        t.md("route.by_route", route=t("route.rest") if name == LAST.name else line(name), count=count)
        for name, count in sorted(rehearsed.by_route.items(), key=lambda pair: -pair[1])
    ]
    head = Mrkdwn(f"*{t.md('route.rehearsal', count=rehearsed.total)}*")
    return [lines([head, *each, nobody]), lines(routes)]


def _beside(rehearsed: Rehearsed, user: str, name: str, t: Translator) -> Mrkdwn:
    had, would = (t.number(counts.get(user, 0)) for counts in (rehearsed.had, rehearsed.would_have))
    return Mrkdwn(f"• {t.md('route.would_have', name=bare_name(name), had=had, would=would)}")
