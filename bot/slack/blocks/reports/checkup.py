"""The self-check: the questions, the result, and the reminder of the next one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.core.reports import checkup
from bot.core.reports.checkup import Answer, Point, Result, Seen, Sight
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal
from bot.slack.blocks.base.kit import Block, Element, Message, View, context, divider, lines, option, section, sentence
from bot.slack.blocks.base.phrases import limit

MARKS = {Answer.YES: "✅", Answer.PARTLY: "🟡", Answer.NO: "⬜"}
TODOS = 3


def form(sight: Sight, before: Mapping[Point, Answer], t: Translator) -> View:
    """Return what the bot sees, and a question for each point that it cannot. `before`: what was answered last."""
    asked = checkup.asked(sight)
    known = [_known(point, sight[point], t) for point in Point if point not in asked]
    questions = [_question(point, sight.get(point), before.get(point), t) for point in asked]
    blocks: list[Block] = [section(t.md("checkup.about", count=len(asked)))]
    if known:
        blocks += [section(lines([Mrkdwn(f"*{t.md('checkup.known')}*"), *known])), divider()]
    submit, name = t("checkup.submit"), ids.CHECKUP_FORM
    return modal(t("checkup.title"), [*blocks, *questions], t, submit=submit, callback_id=name)


def _known(point: Point, seen: Seen, t: Translator) -> Mrkdwn:
    mark = MARKS[seen.answer or Answer.NO]
    return Mrkdwn(f"{mark} {t.md(f'checkup.point.{point}')}: {escape(_told(point, seen, t))}")


def _question(point: Point, seen: Seen | None, before: Answer | None, t: Translator) -> Block:
    options = {answer: option(t(f"checkup.answer.{answer}"), answer.value) for answer in Answer}
    buttons: Element = {"type": "radio_buttons", "action_id": point.value, "options": list(options.values())}
    if before is not None:
        buttons["initial_option"] = options[before]
    hint = _told(point, seen, t) if seen else None
    return field(point.value, t(f"checkup.ask.{point}"), buttons, hint=hint)


def _told(point: Point, seen: Seen, t: Translator) -> str:
    """Return what the bot sees of a point, as a sentence."""
    words = {name: _worded(name, value, t) for name, value in seen.words.items()}
    if point == Point.KPI:
        return t(f"checkup.seen.kpi_{seen.answer}", **words)
    if seen.how:
        return t(f"checkup.seen.{point}_{seen.how}", **words)
    return t(f"checkup.seen.{point}", **words)


def _worded(name: str, value: float | datetime, t: Translator) -> str | int:
    if isinstance(value, datetime):
        return t.full_day(value)
    if name == "hours":
        return limit(value, t)
    return int(value)


def page(result: Result, t: Translator) -> View:
    """Return how many points are in place, what to do first, and every point."""
    blocks = [
        section(Mrkdwn(f"*{escape(_score(result, t))}*")),
        section(_first(result, t)),
        divider(),
        section(lines(_listed(point, result, t) for point in Point)),
        context(t.md("checkup.legend"), t.md("checkup.kept", at=t.full_day(result.at))),
    ]
    return modal(t("checkup.title"), blocks, t, submit=t("checkup.submit_again"), callback_id=ids.CHECKUP_PAGE)


def _score(result: Result, t: Translator) -> str:
    text = t("checkup.score", count=result.score, all=len(Point))
    return text if result.before is None else t.flow(text, t("checkup.before", count=result.before))


def _first(result: Result, t: Translator) -> Mrkdwn:
    if not result.gaps:
        return t.md("checkup.all_done")
    head = t.md("checkup.first_basics") if result.begin_with_basics else t.md("checkup.first")
    todos = [Mrkdwn(f"{i}. {t.md(f'checkup.todo.{point}')}") for i, point in enumerate(result.gaps[:TODOS], 1)]
    return lines([head, *todos])


def _listed(point: Point, result: Result, t: Translator) -> Mrkdwn:
    text = Mrkdwn(f"{MARKS[result.answers[point]]} {t.md(f'checkup.point.{point}')}")
    return Mrkdwn(f"{text} {t.md('checkup.by_bot')}") if point in result.seen else text


def reminder(last: Result | None, t: Translator) -> Message:
    """Say that it is time for the next one."""
    if last is None:
        return sentence(t.md("checkup.remind_first"))
    text = t.md("checkup.remind", at=t.full_day(last.at), count=last.score, all=len(Point))
    if not last.gaps:
        return sentence(text)
    return sentence(lines([text, t.md("checkup.remind_gap", todo=t(f"checkup.todo.{last.gaps[0]}"))]))
