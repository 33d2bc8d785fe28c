"""Why an MQL went to whom it went: the route, and everybody who was considered."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.views.mql import Candidate, Decision, MqlView
from bot.i18n import Mrkdwn, Translator, catalogue, escape
from bot.slack.blocks.base.forms import read_only
from bot.slack.blocks.base.kit import View, lines
from bot.slack.blocks.base.phrases import called, numbered, owner_name
from bot.slack.blocks.base.text import bare_name, line
from storage.models import WHOLE
from storage.vocabulary import AssignmentVerdict, Strategy


def why(view: MqlView, decision: Decision, t: Translator, share: Mrkdwn | None = None) -> View:
    """Return by which route this MQL went, who was considered, who was passed over and why; `share`: what whoever was
    chosen has had of the pool."""
    chosen, now_with = bare_name(decision.chosen), owner_name(view, t)
    at = t.moment(decision.at)
    by_hand = any(candidate.verdict == AssignmentVerdict.BY_HAND for candidate in decision.considered)
    verdicts = {candidate.verdict for candidate in decision.considered}
    if not chosen:
        kept = AssignmentVerdict.EXPECTED in verdicts and AssignmentVerdict.ELIGIBLE in verdicts
        sentence = t.md("why.kept" if kept else "why.nobody", at=at)
    else:
        rep = called(view.mql.owner if now_with == chosen else None, chosen, t)
        sentence = t.md("why.by_hand" if by_hand else "why.chosen", rep=rep, at=at)
    explanations = [] if by_hand else [rule_line(decision, t), *candidates(decision, t)]
    route = None if by_hand else route_line(decision, t)
    moved = chosen and view.owner is not None and now_with != chosen
    texts = [
        lines([Mrkdwn(f"*{escape(numbered(view.mql, t))}*"), sentence, route, share]),
        *(lines(explanations[i : i + 20]) for i in range(0, len(explanations), 20)),
        *([t.md("why.moved_since", rep=now_with)] if moved else []),
        t.md("why.next"),
    ]
    return read_only(t("why.title"), texts, t)


def candidates(decision: Decision, t: Translator) -> list[Mrkdwn]:
    """Return everybody who was considered, and what spoke for or against them."""
    return [_candidate(candidate, decision, t) for candidate in decision.considered]


def route_line(decision: Decision, t: Translator) -> Mrkdwn | None:
    """Return the route, and what of it fits; None where there was none."""
    if decision.route is None:
        return None
    met = [t("why.met", condition=condition_name(condition, t), word=line(word)) for condition, word in decision.met]
    return t.md("why.route" if met else "why.route_for_all", route=line(decision.route), met=t.listed(met))


def condition_name(condition: str, t: Translator) -> str:
    """Return what a condition of a route is called; an attribute by its own name."""
    key = f"condition.{condition}"
    return t(key) if key in catalogue(t.locale) else line(condition)


def rule_line(decision: Decision, t: Translator) -> Mrkdwn:
    """Return how the route chose."""
    if decision.strategy != Strategy.ROTATION:
        return t.md(f"why.by.{decision.strategy}")
    if any(candidate.ahead is None for candidate in decision.considered):
        return t.md("why.rule_by_wait")
    sharing = {candidate.weight for candidate in decision.considered if candidate.verdict in _COULD_HAVE_IT}
    return t.md("why.rule_weighted" if len(sharing) > 1 else "why.rule")


# The other verdicts share the words of why.verdict.other.
_WITH_WORDS = (
    AssignmentVerdict.CHOSEN,
    AssignmentVerdict.ELIGIBLE,
    AssignmentVerdict.AWAY,
    AssignmentVerdict.EXPECTED,
    AssignmentVerdict.INACTIVE,
    AssignmentVerdict.DEACTIVATED,
    AssignmentVerdict.DECLINED,
    AssignmentVerdict.PAUSED,
    AssignmentVerdict.OFF_HOURS,
    AssignmentVerdict.NO_SHARE,
)

_CAPS = (AssignmentVerdict.CAP_OPEN, AssignmentVerdict.CAP_DAY, AssignmentVerdict.CAP_WEEK)

_COULD_HAVE_IT = (AssignmentVerdict.CHOSEN, AssignmentVerdict.ELIGIBLE)


def _candidate(candidate: Candidate, decision: Decision, t: Translator) -> Mrkdwn:
    name, verdict = bare_name(candidate.name) or t("lead.owner"), candidate.verdict
    mark = "✅" if verdict == AssignmentVerdict.CHOSEN else "•"
    could = [other for other in decision.considered if other.verdict in _COULD_HAVE_IT]
    if verdict in _CAPS:
        return Mrkdwn(f"{mark} {t.md(f'why.verdict.{verdict}', name=name, count=candidate.limit or 0)}")
    if verdict in _COULD_HAVE_IT and decision.strategy != Strategy.ROTATION:
        return Mrkdwn(f"{mark} {_otherwise(candidate, name, t)}")
    if verdict == AssignmentVerdict.CHOSEN and len(could) == 1:
        return Mrkdwn(f"{mark} {t.md('why.verdict.chosen_alone', name=name)}")
    if verdict in _COULD_HAVE_IT and candidate.ahead is not None:
        return Mrkdwn(f"{mark} {t.md('why.verdict.standing', name=name, standing=_standing(candidate, could, t))}")
    if verdict in _COULD_HAVE_IT and candidate.last_turn == 0:
        return Mrkdwn(f"{mark} {t.md(f'why.verdict.{verdict}_first', name=name)}")
    words = verdict if verdict in _WITH_WORDS else "other"
    return Mrkdwn(f"{mark} {t.md(f'why.verdict.{words}', name=name)}")


def _otherwise(candidate: Candidate, name: str, t: Translator) -> Mrkdwn:
    """Return how somebody stood where it was not a matter of turns."""
    if candidate.open is not None:
        return t.md("why.verdict.open", name=name, count=candidate.open)
    chosen = candidate.verdict == AssignmentVerdict.CHOSEN
    return t.md("why.verdict.goes_first" if chosen else "why.verdict.could", name=name)


def _standing(candidate: Candidate, could: Sequence[Candidate], t: Translator) -> str:
    """Say how far somebody was from their share; of several who were furthest behind, who had waited longest."""
    turns = round(candidate.ahead or 0, 1)
    where = "even" if not turns else ("ahead" if turns > 0 else "behind")
    standing = t(f"why.standing.{where}", turns=t.number(abs(turns)))
    if len({other.weight for other in could}) > 1:
        standing = t("why.standing.weighted", standing=standing, percent=t.percent(candidate.weight / WHOLE))
    equals = any(other.ahead == candidate.ahead for other in could if other is not candidate)
    if candidate.verdict == AssignmentVerdict.CHOSEN and equals:
        return t("why.standing.of_equals", standing=standing)
    return standing
