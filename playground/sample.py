"""The sample workspace: a small company with sales, marketing and an admin. All people are invented."""

from dataclasses import dataclass, field

APP_ID = "A0PLAYGRND"
BOT_ID = "B0PLAYGRND"
BOT_USER_ID = "U0PLAYBOT0"


@dataclass(frozen=True)
class PersonSpec:
    """One member. `id` is Slack's user id; `tz` an IANA name; `locale` as Slack writes it, such as ja-JP."""

    id: str
    name: str
    real_name: str
    locale: str = "ja-JP"
    tz: str = "Asia/Tokyo"
    is_admin: bool = False


@dataclass(frozen=True)
class ChannelSpec:
    """One channel; every person of the team and the bot are members."""

    id: str
    name: str
    private: bool = False


@dataclass(frozen=True)
class TeamSpec:
    """A workspace to start from."""

    id: str = "T0SAMPLE01"
    name: str = "Sample Inc."
    domain: str = "sample-inc"
    bot_name: str = "mql-bot"
    people: tuple[PersonSpec, ...] = field(default=())
    channels: tuple[ChannelSpec, ...] = field(default=())


SAMPLE_TEAM = TeamSpec(
    people=(
        PersonSpec("U0SATO0001", "sato", "佐藤 葵"),
        PersonSpec("U0SUZUKI01", "suzuki", "鈴木 蓮"),
        PersonSpec("U0BROWN001", "brown", "Alex Brown", "en-US"),
        PersonSpec("U0TANAKA01", "tanaka", "田中 美咲"),
        PersonSpec("U0YAMADA01", "yamada", "山田 健"),
        PersonSpec("U0ITO00001", "ito", "伊藤 結衣"),
        PersonSpec("U0KIM00001", "kim", "Kim Lee", "en-US", is_admin=True),
    ),
    channels=(
        ChannelSpec("C0MQL00001", "mql"),
        ChannelSpec("C0INTAKE01", "mql-intake"),
        ChannelSpec("C0MKTG0001", "marketing"),
        ChannelSpec("C0SALES001", "sales"),
        ChannelSpec("C0GENERAL1", "general"),
    ),
)
