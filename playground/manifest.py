"""What the app's manifest grants: scopes, events, commands, interactivity (Slack documentation: app manifest)."""

from collections.abc import Iterator, Mapping

ALL_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "chat:write.customize",
    "chat:write.public",
    "commands",
    "files:read",
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
    "file_shared": "files:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "member_joined_channel": "channels:read",
    "reaction_added": "reactions:read",
    "team_join": "users:read",
    "user_change": "users:read",
    "user_status_changed": "users:read",
}


COMMAND_LIMIT = 50
COMMAND_LENGTH = 32
NAME_LENGTH = 35
DESCRIPTION_LENGTH = 140


def manifest_problems(manifest: Mapping[str, object]) -> list[str]:
    """Say why Slack would refuse a manifest: lengths, commands, and events whose scope is not asked for."""
    return [*_lengths(manifest), *_commands(manifest), *_events(manifest), *_steps(manifest)]


def _lengths(manifest: Mapping[str, object]) -> Iterator[str]:
    for key, limit in (("name", NAME_LENGTH), ("description", DESCRIPTION_LENGTH)):
        text = str(_at(manifest, "display_information", key) or "")
        if len(text) > limit:
            yield f"display_information.{key}: {len(text)} characters, limit {limit}"


def _commands(manifest: Mapping[str, object]) -> Iterator[str]:
    commands = _mappings(_at(manifest, "features", "slash_commands"))
    if len(commands) > COMMAND_LIMIT:
        yield f"features.slash_commands: {len(commands)} commands, limit {COMMAND_LIMIT}"
    for entry in commands:
        command = str(entry.get("command", ""))
        if not command.startswith("/") or len(command) > COMMAND_LENGTH:
            yield f"features.slash_commands: {command!r} must begin with / and have at most {COMMAND_LENGTH} characters"
    if commands and "commands" not in _scopes(manifest):
        yield "features.slash_commands: needs the scope commands"


def _events(manifest: Mapping[str, object]) -> Iterator[str]:
    for event in _strings(_at(manifest, "settings", "event_subscriptions", "bot_events")):
        scope = EVENT_SCOPE.get(event)
        if scope and scope not in _scopes(manifest):
            yield f"settings.event_subscriptions: {event} needs the scope {scope}"


def _steps(manifest: Mapping[str, object]) -> Iterator[str]:
    functions = _at(manifest, "functions")
    for callback_id, function in functions.items() if isinstance(functions, Mapping) else ():
        for key in ("input_parameters", "output_parameters"):
            if isinstance(function, Mapping) and not isinstance(function.get(key, {}), Mapping):
                yield f"functions.{callback_id}.{key}: must be a map from name to parameter"


def _scopes(manifest: Mapping[str, object]) -> tuple[str, ...]:
    return _strings(_at(manifest, "oauth_config", "scopes", "bot"))


def _at(manifest: Mapping[str, object], *keys: str) -> object:
    value: object = manifest
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


class Grants:
    """What a manifest grants. Without a manifest everything is granted."""

    def __init__(self, manifest: Mapping[str, object] | None) -> None:
        self.everything = manifest is None
        self._manifest = manifest or {}
        scopes = self._at("oauth_config", "scopes", "bot")
        self.scopes: tuple[str, ...] = ALL_SCOPES if self.everything else _strings(scopes)
        self.events = set(_strings(self._at("settings", "event_subscriptions", "bot_events")))
        commands = _mappings(self._at("features", "slash_commands"))
        self.commands = {str(command.get("command")): command for command in commands}

    def _at(self, *keys: str) -> object:
        return _at(self._manifest, *keys)

    def step(self, callback_id: str) -> Mapping[str, object] | None:
        """Return the definition of a custom step; without a manifest every step exists and asks for nothing."""
        if self.everything:
            return {}
        definition = self._at("functions", callback_id)
        return definition if isinstance(definition, Mapping) else None

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
    def writable(self) -> bool:
        """Whether people may write to the app in its direct message."""
        return self.messages_tab and self._at("features", "app_home", "messages_tab_read_only_enabled") is not True

    @property
    def messages_tab(self) -> bool:
        """Whether people and the app can talk in a direct message; on unless the manifest turns it off."""
        return self._at("features", "app_home", "messages_tab_enabled") is not False


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(entry) for entry in value) if isinstance(value, list) else ()
