"""The sample workspace: a small company with sales, marketing and an admin. All people are invented."""

from dataclasses import dataclass, field, replace

APP_ID = "A0PLAYGRND"
BOT_ID = "B0PLAYGRND"
BOT_USER_ID = "U0PLAYBOT0"


@dataclass(frozen=True)
class PersonSpec:
    """One member. `id` is Slack's user id; `tz` an IANA name; `locale` as Slack writes it, such as ja-JP.

    `role` is the part they play in the sample story, shown on the page; Slack knows nothing of it.
    """

    id: str
    name: str
    real_name: str
    locale: str = "ja-JP"
    tz: str = "Asia/Tokyo"
    is_admin: bool = False
    role: str = ""


@dataclass(frozen=True)
class ChannelSpec:
    """One channel; every person of the team and the bot are members."""

    id: str
    name: str
    private: bool = False


@dataclass(frozen=True)
class UsergroupSpec:
    """One user group. `members` are people's short names."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class TeamSpec:
    """A workspace to start from. `paid` is its plan: Slack has user groups on paid plans only."""

    id: str = "T0SAMPLE01"
    name: str = "Sample Inc."
    domain: str = "sample-inc"
    bot_name: str = "mql-bot"
    people: tuple[PersonSpec, ...] = field(default=())
    channels: tuple[ChannelSpec, ...] = field(default=())
    usergroups: tuple[UsergroupSpec, ...] = field(default=())
    paid: bool = True


SAMPLE_TEAM = TeamSpec(
    people=(
        PersonSpec("U0SATO0001", "sato", "佐藤 葵", role="rep"),
        PersonSpec("U0SUZUKI01", "suzuki", "鈴木 蓮", role="rep"),
        PersonSpec("U0BROWN001", "brown", "Alex Brown", "en-US", role="rep"),
        PersonSpec("U0TANAKA01", "tanaka", "田中 美咲", role="manager"),
        PersonSpec("U0YAMADA01", "yamada", "山田 健", role="head"),
        PersonSpec("U0ITO00001", "ito", "伊藤 結衣", role="marketer"),
        PersonSpec("U0KIM00001", "kim", "Kim Lee", "en-US", is_admin=True, role="admin"),
    ),
    channels=(
        ChannelSpec("C0MQL00001", "mql"),
        ChannelSpec("C0INTAKE01", "mql-intake"),
        ChannelSpec("C0MKTG0001", "marketing"),
        ChannelSpec("C0SALES001", "sales"),
        ChannelSpec("C0GENERAL1", "general"),
    ),
    usergroups=(UsergroupSpec("S0LEADS001", "sales-leads", "営業リーダー / Sales leads", ("tanaka", "yamada")),),
)

ENGLISH = TeamSpec(
    people=tuple(
        replace(person, real_name=name, locale="en-US")
        for person, name in zip(
            SAMPLE_TEAM.people,
            ("Aoi Sato", "Ren Suzuki", "Alex Brown", "Misaki Tanaka", "Ken Yamada", "Yui Ito", "Kim Lee"),
            strict=True,
        )
    ),
    channels=SAMPLE_TEAM.channels,
    usergroups=(replace(SAMPLE_TEAM.usergroups[0], name="Sales leads"),),
)
"""The same company for an English reader."""
