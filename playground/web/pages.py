"""The files of the browser page. They come from this machine alone, and the page may load nothing else."""

from importlib.resources import files
from pathlib import PurePosixPath

from flask import Blueprint, Response, abort

KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def make_blueprint() -> Blueprint:
    """Make the routes: the page itself, and the files it is made of."""
    pages = Blueprint("pages", __name__)
    folder = files("playground") / "page"

    @pages.get("/")
    def index() -> Response:
        return _file("index.html")

    @pages.get("/page/<path:name>")
    def part(name: str) -> Response:
        return _file(name)

    def _file(name: str) -> Response:
        path = PurePosixPath(name)
        kind = KINDS.get(path.suffix)
        if kind is None or ".." in path.parts:
            abort(404)
        file = folder.joinpath(*path.parts)
        if not file.is_file():
            abort(404)
        answer = Response(file.read_bytes(), content_type=kind)
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    return pages
