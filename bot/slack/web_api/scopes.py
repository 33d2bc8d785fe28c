"""What the bot may do in Slack. A test holds this to manifest.yml and to the methods that the code calls."""

SCOPES = frozenset(
    {
        "app_mentions:read",
        "chat:write",
        "commands",
        "im:write",
        "im:history",
        "files:read",
        "channels:read",
        "channels:join",
        "channels:manage",
        "groups:read",
        "channels:history",
        "groups:history",
        "usergroups:read",
        "users:read",
        "users:read.email",
        "metadata.message:read",
    }
)
