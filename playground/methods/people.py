"""users.*, usergroups.*, bots.info, team.info, auth.test: who is there."""

from playground import wire
from playground.errors import SlackError
from playground.methods.registry import Call, method, page
from playground.model import Json, User, Usergroup


@method("auth.test", token="")
def auth_test(call: Call) -> Json:
    """Say whose token this is; an app-level token stands for the app alone."""
    workspace = call.workspace
    if call.token == "xapp":  # noqa: S105 - the kind of token, not a token
        return {"app_name": workspace.team.bot_name, "app_id": workspace.app_id}
    return {
        "url": f"https://{workspace.team.domain}.slack.com/",
        "team": workspace.team.name,
        "user": workspace.team.bot_name,
        "team_id": workspace.team.id,
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "app_id": workspace.app_id,
        "is_enterprise_install": False,
    }


@method("team.info", scopes=("team:read",), tier=3, optional={"team": "string", "domain": "string"})
def team_info(call: Call) -> Json:
    """Describe the workspace."""
    team = call.workspace.team
    if call.args.get("team", team.id) != team.id:
        raise SlackError("team_not_found", f"team: no team {call.args['team']!r}")
    url = f"https://{team.domain}.slack.com/"
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "url": url, "email_domain": ""}}


@method("bots.info", scopes=("users:read",), tier=3, optional={"bot": "string", "team_id": "string"})
def bots_info(call: Call) -> Json:
    """Describe an app's bot user."""
    workspace = call.workspace
    bot_id = call.args.get("bot", workspace.bot_id)
    for user in workspace.users.values():
        if user.bot_id and user.bot_id == bot_id:
            app_id = workspace.apps[bot_id]
            shown = {"id": bot_id, "app_id": app_id, "user_id": user.id, "name": user.real_name, "deleted": False}
            return {"bot": shown}
    raise SlackError("bot_not_found", f"bot: no bot {bot_id!r}")


def _shown(call: Call, user: User) -> Json:
    email = call.workspace.grants.has("users:read.email")
    return wire.user(user, call.workspace.team.id, email, call.args.get("include_locale", False))


def _user(call: Call) -> User:
    user = call.workspace.users.get(call.args["user"])
    if user is None:
        raise SlackError("user_not_found", f"user: no user {call.args['user']!r}")
    return user


@method(
    "users.info",
    scopes=("users:read",),
    tier=4,
    required={"user": "string"},
    optional={"include_locale": "boolean"},
)
def users_info(call: Call) -> Json:
    """Describe one user."""
    return {"user": _shown(call, _user(call))}


@method(
    "users.list",
    scopes=("users:read",),
    tier=2,
    optional={"include_locale": "boolean", "limit": "number", "cursor": "string", "team_id": "string"},
)
def users_list(call: Call) -> Json:
    """List all users, deactivated ones and bots too."""
    shown, following = page(list(call.workspace.users.values()), call.args, 1000, 1000)
    members = [_shown(call, user) for user in shown]
    return {"members": members, "cache_ts": 0, "response_metadata": {"next_cursor": following}}


@method(
    "users.lookupByEmail",
    scopes=("users:read", "users:read.email"),
    tier=3,
    required={"email": "string"},
)
def users_lookup_by_email(call: Call) -> Json:
    """Find an active user by e-mail address."""
    wanted = call.args["email"].lower()
    for user in call.workspace.users.values():
        if user.email and user.email.lower() == wanted and not user.deleted:
            return {"user": _shown(call, user)}
    raise SlackError("users_not_found", f"email: no active user with {call.args['email']!r}")


@method(
    "users.profile.get",
    scopes=("users.profile:read",),
    tier=4,
    required={"user": "string"},
    optional={"include_labels": "boolean"},
)
def users_profile_get(call: Call) -> Json:
    """Return a user's profile."""
    return {"profile": _shown(call, _user(call))["profile"]}


@method("users.getPresence", scopes=("users:read",), tier=3, required={"user": "string"})
def users_get_presence(call: Call) -> Json:
    """Say that an active user is there."""
    return {"presence": "away" if _user(call).deleted else "active"}


def _usergroups(call: Call) -> list[Usergroup]:
    if not call.workspace.team.paid:
        raise SlackError("plan_upgrade_required", "user groups need a paid plan")
    disabled_too = call.args.get("include_disabled")
    return [group for group in call.workspace.usergroups.values() if disabled_too or not group.disabled]


@method(
    "usergroups.list",
    scopes=("usergroups:read",),
    tier=2,
    optional={
        "include_users": "boolean",
        "include_count": "boolean",
        "include_disabled": "boolean",
        "team_id": "string",
    },
)
def usergroups_list(call: Call) -> Json:
    """List the user groups, disabled ones only where asked for. All at once: this list has no pages."""
    users, count = call.args.get("include_users", False), call.args.get("include_count", False)
    return {"usergroups": [wire.usergroup(group, call.workspace.team.id, users, count) for group in _usergroups(call)]}


@method(
    "usergroups.users.list",
    scopes=("usergroups:read",),
    tier=2,
    required={"usergroup": "string"},
    optional={"include_disabled": "boolean", "team_id": "string"},
)
def usergroups_users_list(call: Call) -> Json:
    """List the members of a user group."""
    for group in _usergroups(call):
        if group.id == call.args["usergroup"]:
            return {"users": list(group.users)}
    raise SlackError("no_such_subteam", f"usergroup: no group {call.args['usergroup']!r}")
