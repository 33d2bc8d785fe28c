"""The App Home of admins: how the bot is, what does not arrive, and what comes in from where."""

from __future__ import annotations

from bot.core.views.home import Health
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import Block, actions, and_more, button, divider, first_of, lines, section
from bot.slack.blocks.base.phrases import place, why_refused
from bot.slack.blocks.health import alerts
from bot.slack.blocks.sources import sources
from storage.models import Outbox

ALERTS_SHOWN = 3
SOURCES_SHOWN = 6


def trouble(known: Health, t: Translator, most: int) -> list[Block]:
    """Return what is wrong with the bot, and what Slack refuses; nothing while all is well."""
    texts = [alerts.alert(alert, known.names, t).text for alert in known.alerts[:ALERTS_SHOWN]]
    rest = and_more(len(known.alerts) - len(texts), t)
    standing = [section(lines([_title(t), *texts])), *rest] if texts else []
    blocks = [*standing, *_undelivered(known, t, most)]
    return [divider(), *blocks] if blocks else []


def health(known: Health, t: Translator) -> list[Block]:
    """Return that the bot is well, where it is, and the sources with their last delivery."""
    well = not known.alerts and not known.undelivered_count
    standing = [section(lines([_title(t), t.md("home.well")]))] if well else []
    opens = actions([button(t("button.settings"), ids.SETTINGS, 0)])
    return [divider(), *standing, *_sources(known, t), *opens]


def _title(t: Translator) -> Mrkdwn:
    return Mrkdwn(f"*{escape(t('home.health'))}*")


def _sources(known: Health, t: Translator) -> list[Block]:
    if not known.sources:
        return []
    shown = [escape(f"• {sources.standing(source, t)}") for source in known.sources[:SOURCES_SHOWN]]
    rest = and_more(len(known.sources) - len(shown), t)
    return [section(lines([Mrkdwn(f"*{escape(t('home.sources', count=len(known.sources)))}*"), *shown])), *rest]


def _undelivered(known: Health, t: Translator, most: int) -> list[Block]:
    if not known.undelivered:
        return []
    count = known.undelivered_count
    title = section(Mrkdwn(f"*{escape(t('home.undelivered', count=count))}*"))

    def rows(entry: tuple[Outbox, int | None]) -> list[Block]:
        return [section(_refused(*entry, t), button(t("button.resend"), ids.RESEND, entry[0].id))]

    resend_all = [button(t("button.resend_all", count=count), ids.RESEND_ALL, count)] if count > 1 else []
    return [title, *first_of(known.undelivered, most, rows, t, count=count), *actions(resend_all)]


def _refused(message_row: Outbox, number: int | None, t: Translator) -> Mrkdwn:
    what = t(f"kind.{message_row.kind}") + (f" #{number}" if number else "")
    why = why_refused(message_row.error or "", message_row.target, t)
    return t.md(
        "home.undelivered_one", what=what, target=place(message_row.target), error=why, at=t.moment(message_row.due_at)
    )
