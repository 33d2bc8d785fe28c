"""What the app's manifest grants: scopes, events, commands, interactivity (Slack documentation: app manifest)."""

from collections.abc import Mapping

ALL_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.customize",
    "chat:write.public",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "metadata.message:read",
    "mpim:history",
    "mpim:read",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users.profile:read",
    "users:read",
    "users:read.email",
)
EVENT_SCOPE = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "member_joined_channel": "channels:read",
    "reaction_added": "reactions:read",
    "team_join": "users:read",
    "user_change": "users:read",
}


class Grants:
    """What a manifest grants. Without a manifest everything is granted."""

    def __init__(self, manifest: Mapping[str, object] | None) -> None:
        self.everything = manifest is None
        self._manifest = manifest or {}
        scopes = self._at("oauth_config", "scopes", "bot")
        self.scopes: tuple[str, ...] = ALL_SCOPES if self.everything else _strings(scopes)
        self.events = set(_strings(self._at("settings", "event_subscriptions", "bot_events")))
        commands = self._at("features", "slash_commands")
        listed = commands if isinstance(commands, list) else []
        self.commands = {str(one.get("command")): one for one in listed if isinstance(one, Mapping)}

    def _at(self, *keys: str) -> object:
        found: object = self._manifest
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def has(self, scope: str) -> bool:
        """Tell whether the bot token carries this scope."""
        return self.everything or scope in self.scopes

    def delivers_event(self, name: str) -> bool:
        """Tell whether an event such as message.channels is subscribed and its scope granted."""
        scope = EVENT_SCOPE.get(name)
        return self.everything or (name in self.events and (scope is None or scope in self.scopes))

    def delivers_command(self, command: str) -> bool:
        """Tell whether a slash command is registered."""
        return self.everything or (command in self.commands and "commands" in self.scopes)

    @property
    def interactivity(self) -> bool:
        """Whether presses and submissions are delivered."""
        return self.everything or self._at("settings", "interactivity", "is_enabled") is True

    @property
    def home_tab(self) -> bool:
        """Whether the app has a Home tab."""
        return self.everything or self._at("features", "app_home", "home_tab_enabled") is True

    @property
    def messages_tab(self) -> bool:
        """Whether people and the app can talk in a direct message; on unless the manifest turns it off."""
        return self._at("features", "app_home", "messages_tab_enabled") is not False


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()
