"""apps.connections.open: the addresses of Socket Mode."""

from playground.methods.registry import Call, method
from playground.model import Json


@method("apps.connections.open", token="xapp", tier=3)  # noqa: S106 - the kind of token, not a token
def apps_connections_open(call: Call) -> Json:
    """Give out an address for one Socket Mode connection."""
    return {"url": call.socket_url()}
