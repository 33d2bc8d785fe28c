"""What the HTTP side says where no page of it answers."""

from __future__ import annotations

import pytest
from flask import Flask

from bot.json_errors import answer_in_json


@pytest.fixture
def pages() -> Flask:
    pages = Flask("pages")
    answer_in_json(pages)

    @pages.post("/here")
    def here() -> str:
        raise ZeroDivisionError("a secret")

    return pages


@pytest.mark.parametrize(
    ("method", "path", "status", "word"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("POST", "/webhooks/generik", 404, "not_found"),
        ("GET", "/here", 405, "method_not_allowed"),
        ("POST", "/here", 500, "internal_server_error"),
    ],
)
def test_what_no_page_answers_is_refused_in_json(pages: Flask, method: str, path: str, status: int, word: str) -> None:
    answer = pages.test_client().open(path, method=method)
    assert (answer.status_code, answer.content_type) == (status, "application/json")
    assert answer.get_json()["error"] == word
    assert answer.get_json()["message"].endswith(".")
    assert "secret" not in answer.get_data(as_text=True)
    assert ("POST" in answer.headers.get("Allow", "")) == (status == 405)
