"""Where the playground's server can be reached."""


class Address:
    """Host and port; the port is known while the playground runs."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.wanted_port = host, port
        self.port: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether the playground is started and not yet stopped."""
        return self.port is not None

    @property
    def base_url(self) -> str:
        """The address of the server, without a slash at the end."""
        if self.port is None:
            raise RuntimeError("the playground is not started")
        return f"http://{self.host}:{self.port}"
