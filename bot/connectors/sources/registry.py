"""Every kind of source, by the word that the command line and the tables know it by."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.connectors.sources.bownow import BowNow
from bot.connectors.sources.calendars import CalCom, Calendly, Zoom
from bot.connectors.sources.contract import Kind
from bot.connectors.sources.figures import Figures
from bot.connectors.sources.forms import Numbered, Tally, Typeform, Webflow
from bot.connectors.sources.generic import Generic
from bot.connectors.sources.google_ads import GoogleAds
from bot.connectors.sources.hubspot import HubSpot
from bot.connectors.sources.kintone import Kintone
from bot.connectors.sources.mapping import Mapped
from bot.connectors.sources.salesforce import Salesforce

_JAPAN = ZoneInfo("Asia/Tokyo")  # Where tools that are sold in Japan alone write moments without an offset.

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "mapping": Mapped(),
        "hubspot": HubSpot(),
        "salesforce": Salesforce(),
        "marketo": Mapped(tool="marketo"),
        "kintone": Kintone(),
        "satori": Mapped(_JAPAN),
        "bownow": BowNow(),
        "typeform": Typeform(),
        "tally": Tally(),
        "calendly": Calendly(),
        "calcom": CalCom(),
        "google-ads": GoogleAds(),
        "webflow": Webflow(),
        "zoom": Zoom(),
        "formrun": Numbered(_JAPAN),
        "movabletype": Numbered(_JAPAN),
        "generic": Generic(),
        "figures": Figures(),
    }
)
