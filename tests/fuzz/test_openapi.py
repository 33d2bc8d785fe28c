"""docs/openapi.yaml, held against the bot: requests that it allows and requests that it forbids, signed and not, are
answered by a status and a body that stand there, and what is refused is not stored."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import PreparedRequest
from requests.auth import AuthBase

from tests import patience
from tests.fuzz.stage import LONGEST, Target, fewer
from tests.patience import own_seconds

if TYPE_CHECKING:
    from schemathesis import Case

pytestmark = pytest.mark.timeout(3600)

Mode = Literal["POSITIVE", "NEGATIVE"]
PATHS = tuple(f"/webhooks/{name}" for name in ("generic", "activity", "deal"))


@cache
def described(path: str, mode: Mode) -> st.SearchStrategy[Case[Any]]:
    """Return the requests to a path. Schemathesis takes a second to import: only where these tests run."""
    import schemathesis

    schema = schemathesis.openapi.from_path(Path(__file__).parents[2] / "docs" / "openapi.yaml")
    return schema[path]["POST"].as_strategy(generation_mode=schemathesis.GenerationMode[mode])


def cases(mode: Mode, *paths: str) -> st.SearchStrategy[Case[Any]]:
    return st.deferred(lambda: st.one_of(*(described(path, mode) for path in paths or PATHS)))


class Signed(AuthBase):
    """Signs the very bytes that are sent, as a tool does that knows the secret."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        data = body if isinstance(body, bytes) else body.encode()
        request.headers.update(self._target.signed_by_tool(f"openapi-{next(self._target.numbers)}", data))
        return request


def answer(target: Target, case: Case[Any], auth: AuthBase | None = None) -> int:
    """The status, held to the description."""
    from schemathesis.specs.openapi import checks

    held_to = [
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]
    before = target.stored()
    started = own_seconds()
    response = case.call(base_url=target.address.geturl(), auth=auth, timeout=patience.LONGEST)
    assert own_seconds() - started < LONGEST
    target.answers[response.status_code] += 1
    case.validate_response(response, checks=held_to)
    assert response.status_code == 202 or target.stored() == before
    return response.status_code


@fewer
@given(case=cases("POSITIVE"))
def test_what_is_described_is_answered_as_described(target: Target, case: Case[Any]) -> None:
    assert answer(target, case, Signed(target)) != 401


@pytest.mark.thorough
@fewer
@given(case=cases("NEGATIVE"))
def test_what_is_not_described_is_answered_as_described(target: Target, case: Case[Any]) -> None:
    answer(target, case, Signed(target))


@fewer
@given(case=cases("POSITIVE") | cases("NEGATIVE"))
def test_whoever_does_not_know_the_secret_is_told_so(target: Target, case: Case[Any]) -> None:
    assert answer(target, case) == 401


@fewer
@given(case=cases("POSITIVE", "/webhooks/activity"), number=st.sampled_from([1, "#2", "3"]))
def test_a_contact_with_a_known_lead_is_taken(target: Target, case: Case[Any], number: int | str) -> None:
    described: Any = case.body
    case.body = {"number": number, "kind": described["kind"], "at": target.team.time.now().isoformat()}
    assert answer(target, case, Signed(target)) == 202
