"""What the HTTP side answers where no page does: JSON, like all its other answers."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

MESSAGES = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take this method. The header Allow names those it takes.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong here. The log of the bot says what.",
}


def answer_in_json(app: Flask) -> None:
    """Let an application say in JSON what it refuses by itself: an unknown address, a wrong method, an error."""

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
        answer = jsonify(error=status.name.lower(), message=MESSAGES.get(status, f"{status.phrase}."))
        answer.status_code = status
        answer.headers.update({name: value for name, value in error.get_headers() if name != "Content-Type"})
        return answer
