"""The HTTP side: what Slack and MA tools send in. Every signature is checked before anything is read."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Flask, Request, Response, g, jsonify, request
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.flask.handler import to_flask_response
from slack_sdk.signature import SignatureVerifier
from standardwebhooks import Webhook, WebhookVerificationError

from bot.answers import Answer, body_of, error, not_configured, not_stored, too_large
from bot.connectors import activity as activities
from bot.connectors import deal, generic
from bot.connectors.problems import FieldProblem, problem
from bot.core.mql import activity, deals, gate, intake
from bot.core.mql.gate import Held
from bot.core.mql.lead import Lead
from bot.hooks import Door
from bot.json_errors import answer_in_json
from bot.metrics import Metrics
from bot.monitoring import Monitor
from bot.slack import request_schema
from bot.slack.context import AppContext
from bot.slack.people import members
from storage import receipts
from storage.vocabulary import ReceiptKind, Source

MOST_BYTES = 256 * 1024
MOST_SLACK_BYTES = 4 * 1024 * 1024
LONGEST_ID = 255
SENT_AHEAD = "sent_at lies ahead, so the lead counts from now. Check the clock of the sending system."
Take = Callable[[AppContext, str, bytes], Answer]
# By their endpoints.
WEBHOOKS = {"generic_webhook": str(Source.GENERIC), "activity_webhook": "activity", "deal_webhook": "deal"}

log = structlog.get_logger(__name__)


def create(
    bolt: App,
    context: AppContext,
    webhook_secret: str | None,
    signing_secret: str | None,
    metrics: Metrics,
    monitor: Monitor,
    door: Door,
) -> Flask:
    """Return the Flask application for Slack's requests, webhooks and monitors."""
    app = Flask("mql-bot")
    app.register_blueprint(monitor.pages())
    app.register_blueprint(door.pages())
    answer_in_json(app)
    _measure(app, metrics)
    webhook = Webhook(webhook_secret) if webhook_secret else None
    signatures = SignatureVerifier(signing_secret) if signing_secret else None

    @app.post("/slack/events")
    def slack_events() -> Response | Answer:
        # Before Bolt, which reads the body first and answers 500 where it cannot.
        body = body_of(request, MOST_SLACK_BYTES)
        if body is None:
            return too_large(MOST_SLACK_BYTES)
        if signatures is None:
            return error(404, "socket_mode", "Slack reaches this bot by Socket Mode, not by HTTP.")
        if not _is_from_slack(signatures, body, request):
            _note_slacks_time(context, signatures, body, request)
            return error(401, "invalid_signature", "This is not signed with SLACK_SIGNING_SECRET, or is too old.")
        try:
            bolt_request = _for_bolt(body, request)
        except request_schema.Malformed as fault:
            log.error("slack_request_malformed", fault=str(fault))
            return error(400, "malformed", "The request does not have the form of Slack's requests.")
        return to_flask_response(bolt.dispatch(bolt_request))

    @app.post("/webhooks/generic")
    def generic_webhook() -> Answer:
        return _webhook(request, webhook, context, _take_lead)

    @app.post("/webhooks/activity")
    def activity_webhook() -> Answer:
        return _webhook(request, webhook, context, _take_activity)

    @app.post("/webhooks/deal")
    def deal_webhook() -> Answer:
        return _webhook(request, webhook, context, _take_deal)

    return app


def _for_bolt(body: bytes, sent: Request) -> BoltRequest:
    """Return a signed request as Bolt reads it. Raises Malformed for what it cannot read either."""
    text = request_schema.json_text(body, sent.content_type or "")
    try:
        return BoltRequest(body=text, query=sent.query_string.decode(), headers=dict(sent.headers))
    except (ValueError, TypeError, LookupError, AttributeError) as error:  # in parts that only Bolt reads
        raise request_schema.Malformed(f"unreadable for Bolt: {type(error).__name__}") from None


def _is_from_slack(signatures: SignatureVerifier, body: bytes, sent: Request) -> bool:
    moment = sent.headers.get("X-Slack-Request-Timestamp", "")
    signature = sent.headers.get("X-Slack-Signature", "")
    try:
        return signatures.is_valid(body, moment, signature)
    except (ValueError, TypeError):
        # The library raises for a moment that is no number, a signature that is not ASCII, a body that is not UTF-8.
        return False


def _note_slacks_time(context: AppContext, signatures: SignatureVerifier, body: bytes, sent: Request) -> None:
    """Note where only the time of a request is wrong: it may be ours. Raises nothing."""
    moment, signature = (sent.headers.get(f"X-Slack-{name}", "") for name in ("Request-Timestamp", "Signature"))
    if not _MOMENT.fullmatch(moment):
        return
    try:
        expected = signatures.generate_signature(timestamp=moment, body=body) or ""
    except UnicodeDecodeError:
        return
    if hmac.compare_digest(expected.encode(), signature.encode()):
        context.gateway.clock.refused(moment, signature)


def _note_tools_time(context: AppContext, webhook: Webhook, body: bytes, sent: Request) -> None:
    """Do the same for a webhook. Raises nothing."""
    webhook_id, moment = (sent.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp"))
    given = sent.headers.get("webhook-signature", "").encode().split()
    if not _MOMENT.fullmatch(moment):
        return
    try:
        expected = webhook.sign(webhook_id, datetime.fromtimestamp(int(moment), UTC), body.decode()).encode()
    except (UnicodeDecodeError, OverflowError, OSError, ValueError):
        return
    if any(hmac.compare_digest(expected, signature) for signature in given):
        context.gateway.clock.refused(moment, expected.decode())


_MOMENT = re.compile(r"[0-9]{1,11}")


def _measure(app: Flask, metrics: Metrics) -> None:
    @app.before_request
    def start() -> None:
        g.started = perf_counter()

    @app.after_request
    def count(answer: Response) -> Response:
        # By the name of the rule, never by the path: whoever scans us must not fill the memory of a monitor.
        endpoint = (request.endpoint or "unknown").rpartition(".")[2]
        metrics.request(endpoint, answer.status_code, perf_counter() - g.started)
        if endpoint in WEBHOOKS and (outcome := _outcome(endpoint, answer)):
            metrics.intake(WEBHOOKS[endpoint], outcome)
        return answer


def _outcome(endpoint: str, answer: Response) -> str | None:
    """Return what became of a webhook, as the monitor counts it; None for a lead that was taken, which is counted
    when its transaction is committed."""
    if answer.status_code != 202:
        return str((answer.get_json(silent=True) or {}).get("error", "broken"))
    if g.repeated:
        return "same_webhook"
    return "taken" if WEBHOOKS[endpoint] != Source.GENERIC else None


def _webhook(sent: Request, webhook: Webhook | None, context: AppContext, take: Take) -> Answer:
    """Do what every webhook has in common: off or on, size, signature, and a database that may be away."""
    if webhook is None:
        return error(503, "webhooks_off", "Webhooks are switched off. Set WEBHOOK_SECRET and start again.")
    body = body_of(sent, MOST_BYTES)
    if body is None:
        return too_large(MOST_BYTES)
    try:
        webhook.verify(body, dict(sent.headers), json_parse=False)
    except (WebhookVerificationError, ValueError) as fault:
        # The library raises plain ValueErrors for headers that are not of the scheme's form.
        log.warning(
            "webhook_refused", reason=str(fault) if isinstance(fault, WebhookVerificationError) else "malformed"
        )
        _note_tools_time(context, webhook, body, sent)
        return error(401, "invalid_signature", _why_unsigned(fault))
    webhook_id = sent.headers["webhook-id"]
    if len(webhook_id) > LONGEST_ID:
        return error(422, "invalid_id", f"The webhook-id header is over {LONGEST_ID} characters.")
    try:
        return take(context, webhook_id, body)
    except intake.NotConfigured:
        return not_configured()
    except sa.exc.SQLAlchemyError as failure:
        return not_stored(failure)


def _take_lead(context: AppContext, webhook_id: str, body: bytes) -> Answer:
    lead = generic.read(body)
    if not isinstance(lead, Lead):
        return _problems(lead)

    def receive(tx: sa.Connection, now: datetime) -> dict[str, Any]:
        if lead.sent_at is not None and lead.sent_at < now - intake.OLDEST:
            raise intake.SentLongAgo(lead.sent_at)
        received = gate.take(tx, context.identity.team_id, lead, Source.GENERIC, now)
        if isinstance(received, Held):
            return {"number": None, "repeated": False, "held": True}
        answer: dict[str, Any] = {"number": received.number, "repeated": received.repeated}
        if lead.sent_at is None or lead.sent_at <= now + intake.AHEAD:
            return answer
        log.warning("lead_sent_in_the_future", mql=received.number, ahead_s=(lead.sent_at - now).total_seconds())
        return answer | {"note": SENT_AHEAD}

    try:
        return _once(context, ReceiptKind.WEBHOOK, webhook_id, receive)
    except intake.SentLongAgo:
        return _problems([problem("too_old", "sent_at", limit=intake.OLDEST.days)])


def _take_activity(context: AppContext, webhook_id: str, body: bytes) -> Answer:
    report = activities.read(body)
    if not isinstance(report, activities.Report):
        return _problems(report)
    by = members.user_of(context, report.actor) if report.actor else None

    def record(tx: sa.Connection, now: datetime) -> dict[str, Any]:
        recorded = activity.record(tx, context.identity.team_id, report.activity, by, now)
        return {"number": recorded.number, "counted_as": recorded.counted_as, "actor": recorded.by}

    try:
        return _once(context, ReceiptKind.ACTIVITY, webhook_id, record)
    except intake.UnknownLead:
        return _unknown_lead()
    except activity.InTheFuture:
        return _problems([problem("in_the_future", "at")])
    except activity.BeforeLead:
        return _problems([problem("before_lead", "at")])


def _take_deal(context: AppContext, webhook_id: str, body: bytes) -> Answer:
    report = deal.read(body)
    if isinstance(report, list):
        return _problems(report)

    def record(tx: sa.Connection, now: datetime) -> dict[str, Any]:
        subject = deals.report(tx, context.identity.team_id, report, now)
        # The sender's word for the deal result.
        return {"number": subject.number, "outcome": report.deal.result if report.deal else deal.OPEN}

    try:
        return _once(context, ReceiptKind.DEAL, webhook_id, record)
    except intake.UnknownLead:
        return _unknown_lead()
    except deals.WrongDay as fault:
        return _problems([problem(fault.word, "on")])
    except deals.NotQualified:
        message = "Sales has not reported this MQL as qualified, so nothing can come of it yet. Send it again then."
        return error(409, "not_qualified", message)


def _once(
    context: AppContext, kind: ReceiptKind, webhook_id: str, act: Callable[[sa.Connection, datetime], dict[str, Any]]
) -> Answer:
    """Act and answer; where this very webhook was dealt with before, only answer, and as before."""
    workspace_id, now = context.identity.team_id, context.now()
    with context.database.transaction() as tx:
        g.repeated = not receipts.first_time(tx, workspace_id, kind, webhook_id, now, {})
        if g.repeated:
            answer = receipts.get(tx, workspace_id, kind, webhook_id).answer
        else:
            answer = act(tx, now)
            receipts.note_answer(tx, workspace_id, kind, webhook_id, answer)
    context.wake()
    if g.repeated:
        log.info("webhook_repeated", workspace=workspace_id, mql=answer.get("number"))
    elif "counted_as" in answer:
        log.info("activity_taken", workspace=workspace_id, mql=answer["number"], counted_as=answer["counted_as"])
    return jsonify(answer), 202


def _problems(faults: list[FieldProblem]) -> Answer:
    problems = [{"field": p.field, "problem": p.problem, "message": p.message} for p in faults]
    return jsonify(error="invalid_body", problems=problems), 422


def _unknown_lead() -> Answer:
    message = "No MQL is known by this number, external_id or email. Send the lead first, or correct it."
    return error(404, "unknown_lead", message)


def _why_unsigned(fault: Exception) -> str:
    if isinstance(fault, UnicodeDecodeError):
        return "The body is not UTF-8 text, so its signature cannot be checked. Encode it as UTF-8, then sign it."
    if "too old" in str(fault) or "too new" in str(fault):
        return "The webhook-timestamp is more than 5 minutes off. Sign each attempt anew, and check the clock."
    return "The signature does not fit. Sign webhook-id, webhook-timestamp and the exact body with WEBHOOK_SECRET."
