"""Turns: those that are paused, everybody's share, and how one's own came about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from bot.core.routing.shares import PoolShares, Share
from bot.core.whatif.fairness_account import Account, Line
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import Block, Element, Message, actions, button, context, lines, message, section
from bot.slack.blocks.base.text import bare_name, line
from storage.models import Member

PEOPLE_SHOWN = 30
TURNS_SHOWN = 12


def lapses(rep: Member, count: int, asked_at: int, t: Translator) -> Message:
    """To whoever leads a rep who let several deadlines pass: whether their turns are to be paused."""
    name, value = bare_name(rep.name), f"{rep.id}:{asked_at}"
    about = t.md("routing.lapses", rep=name, count=count)
    if rep.turns_paused_at is not None:
        done = t.md("routing.lapses_paused", rep=name)
        return message(about, [section(lines([about, done])), *actions([_resume(rep, t)])])
    if rep.lapses < count:
        return message(about, [section(lines([about, t.md("routing.lapses_left", rep=name)]))])
    text = Mrkdwn(t.flow(about, t.md("routing.lapses_ask", rep=name)))
    pressed = [
        button(t("routing.pause"), ids.PAUSE_TURNS, value, primary=True, say=f"{t('routing.pause')} {name}"),
        button(t("routing.leave"), ids.LEAVE_TURNS, value, say=f"{t('routing.leave')} {name}"),
    ]
    return message(text, [section(text), *actions(pressed), context(t.md("routing.lapses_note", rep=name))])


def turns_paused(rep: Member, by: str, t: Translator) -> Message:
    """To a rep: a leader gives them no new MQLs for now."""
    if rep.turns_paused_at is None:
        text = t.md("routing.resumed")
        return message(text, [section(text)])
    text = t.md("routing.paused", by=bare_name(by))
    return message(text, [section(text), *actions([_resume(rep, t)])])


def _resume(rep: Member, t: Translator) -> Element:
    return button(t("routing.resume"), ids.RESUME_TURNS, rep.id, say=f"{t('routing.resume')} {bare_name(rep.name)}")


def shares(pools: Sequence[PoolShares], t: Translator) -> list[Block]:
    """Return everybody's share of the last 90 days, a paragraph for each pool: for whoever asks."""
    blocks = [section(lines([Mrkdwn(f"*{t.md('routing.shares')}*"), t.md("routing.shares_how")]))]
    for pool in pools:
        head = Mrkdwn(f"*{escape(pool_name(pool.pool, t))}* {t.md('routing.turns', count=pool.turns)}")
        rows = [Mrkdwn(f"• {share_line(share, pool, t)}") for share in pool.people[:PEOPLE_SHOWN]]
        left = len(pool.people) - len(rows)
        blocks.append(section(lines([head, *rows, t.md("list.more", count=left) if left else None])))
    return blocks


def pool_name(name: str | None, t: Translator) -> str:
    """Return what a pool is called."""
    return line(name) or t("routing.all_reps")


def share_line(share: Share, pool: PoolShares, t: Translator) -> Mrkdwn:
    """Return what one person had, beside what was meant, and what explains the difference."""
    words = {"name": bare_name(share.name), "given": t.number(share.given), "due": t.number(round(share.due, 1))}
    part = t.md("routing.part", percent=t.percent(share.weight / 100)) if pool.weighted and share.weight else ""
    gone = "" if share.weight else t.md("routing.not_in_pool")
    extra = [t.md(f"routing.why.{kind}", count=count) for kind, count in _explained(share)]
    beside = f" ({escape(t.listed(list(extra)))})" if extra else ""
    return Mrkdwn(f"{t.md('routing.share', **words)}{part}{gone}{beside}")


def _explained(share: Share) -> Iterator[tuple[str, int]]:
    for kind in ("beside", "away", "capped", "paused"):
        count = getattr(share, kind)
        if count:
            yield kind, count


def fairness(account: Account, t: Translator) -> Message:
    """To one rep: their share, whether every turn was theirs or another's by the rule, and the last turns."""
    head = t.md("routing.fairness", name=bare_name(account.name))
    shown = [share_line(share, pool, t) for pool, share in account.shares]
    names = [Mrkdwn(f"*{escape(pool_name(pool.pool, t))}*") for pool, _ in account.shares]
    own = lines([text for pair in zip(names, shown, strict=True) for text in pair]) or t.md("routing.no_turns")
    blocks = [section(head), section(own)]
    if account.turns:
        checked = "routing.checked" if account.agrees else "routing.differs"
        blocks.append(section(t.md(checked, count=account.turns, same=account.same)))
    skipped = Counter(turn.verdict for turn in account.lines if turn.place is None)
    if skipped:
        reasons = [t("routing.skips", why=t(f"why.short.{verdict}"), count=n) for verdict, n in skipped.most_common()]
        blocks.append(section(lines([t.md("routing.skipped"), *(Mrkdwn(f"• {escape(reason)}") for reason in reasons)])))
    if account.lines:
        rows = [turn_line(turn, t) for turn in account.lines[:TURNS_SHOWN]]
        blocks.append(section(lines([t.md("routing.last_turns"), *rows])))
    return message(head, [*blocks, context(t.md("routing.rule"))])


def turn_line(turn: Line, t: Translator) -> Mrkdwn:
    """Return one turn as one rep sees it."""
    words = {"number": f"#{turn.number}", "at": t.moment(turn.at), "chosen": bare_name(turn.chosen)}
    if turn.place == 1:
        return Mrkdwn(f"✅ {t.md('routing.turn.mine', **words)}")
    if turn.place is None:
        return Mrkdwn(f"• {t.md('routing.turn.skipped', **words, why=t(f'why.short.{turn.verdict}'))}")
    return Mrkdwn(f"• {t.md('routing.turn.later', **words, place=t.number(turn.place), people=t.number(turn.people))}")
