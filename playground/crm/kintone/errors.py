"""How kintone refuses: `code`, `id`, `message` in the language of Accept-Language, and `errors` for values."""

import secrets
from collections.abc import Mapping

from playground.crm.faults import CrmFault
from playground.crm.service import Answer, Refused

_MESSAGES = {
    "CB_VA01": ("入力内容に誤りがあります。", "The input is missing or not valid."),
    "CB_IJ01": ("JSONとして読めません。", "The body is no valid JSON."),
    "CB_NO02": ("権限がありません。", "There is no permission for this."),
    "CB_WA01": ("ログイン名かパスワードが違います。", "The login name or the password is wrong."),
    "GAIA_IA02": ("APIトークンがこのアプリのものと一致しません。", "The API token is none of this app."),
    "GAIA_NO01": ("このAPIトークンでは実行できないAPIです。", "This API token does not allow to call this API."),
    "GAIA_AP01": ("アプリがありません。", "There is no such app."),
    "GAIA_RE01": ("レコードがありません。", "There is no such record."),
    "GAIA_RE20": ("更新キーに一致するレコードがありません。", "No record has this update key."),
    "GAIA_CO02": ("ほかの人が先に更新しました。", "Somebody else has updated it first."),
    "GAIA_TO04": ("同時に実行できる数を超えました。", "Too many requests run at once."),
    "GAIA_QU01": ("limitは500以下です。", "limit must be 500 at most."),
    "GAIA_QU02": ("offsetは10,000以下です。", "offset must be 10,000 at most."),
    "GAIA_IQ11": ("クエリのフィールドがありません。", "The query names a field that there is not."),
    "GAIA_IQ03": ("クエリの記法が正しくありません。", "The query is not well formed."),
    "GAIA_CU01": ("カーソルがありません。", "There is no such cursor."),
    "GAIA_CU02": ("カーソルは同時に10個までです。", "There may be ten cursors at once."),
    "GAIA_DA02": ("データベースに接続できません。", "The database cannot be reached."),
    "CB_MT01": ("メンテナンス中です。", "The service is being maintained."),
}


def problem(status: int, code: str, errors: Mapping[str, str] | None = None, broken: str = "") -> Answer:
    """Make an answer that refuses; the language is put in when it is sent. `errors`: by the path of a value."""
    body: dict[str, object] = {"code": code, "id": secrets.token_urlsafe(15), "message": _MESSAGES[code]}
    if errors:
        body["errors"] = {path: {"messages": [sentence]} for path, sentence in errors.items()}
    return Answer(body, status, broken=(broken,) if broken else ())


def refused(status: int, code: str, errors: Mapping[str, str] | None = None, broken: str = "") -> Refused:
    """Make a refusal to raise."""
    return Refused(problem(status, code, errors, broken))


def invalid(path: str, sentence: str) -> Refused:
    """Make the refusal of one value."""
    return refused(400, "CB_VA01", {path: sentence})


def in_language(answer: Answer, accepted: str) -> Answer:
    """Put the message into the language that the caller accepts: Japanese unless English comes first."""
    if isinstance(answer.body, dict) and isinstance(answer.body.get("message"), tuple):
        japanese, english = answer.body["message"]
        answer.body["message"] = english if accepted.lower().startswith("en") else japanese
    return answer


def refusal(fault: CrmFault) -> Answer | None:
    """Return how kintone words a fault; None for what is not worded."""
    worded = {
        CrmFault.UNAUTHORIZED: problem(400, "GAIA_IA02"),
        CrmFault.MISSING_SCOPES: problem(403, "GAIA_NO01"),
        CrmFault.CONFLICT: problem(409, "GAIA_CO02"),
        CrmFault.RATE_LIMIT: problem(429, "GAIA_TO04"),
        CrmFault.VALIDATION: problem(400, "CB_VA01", {"record": "このアプリの決まりに合いません。"}),
        CrmFault.ERROR_500: problem(500, "GAIA_DA02"),
        CrmFault.ERROR_500_AFTER: problem(500, "GAIA_DA02"),
        CrmFault.UNAVAILABLE: problem(503, "CB_MT01"),
    }
    return worded.get(fault)
