"""The App Homes that people have open: drawn when they are opened or pressed in, and anew when anything has changed.

An App Home is no message: nothing of it waits in the outbox, and one that could not be drawn is drawn as it stands a
little later. What is open, and from which state of the workspace each was drawn, stands in `open_home`, so that the
processes that listen and those that work draw the same one in turn, and no more often than Pacing.homes.
"""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from bot.core.base.permissions import Permission, may
from bot.core.setup.answers import Answers
from bot.core.setup.reading import Reading
from bot.core.views import home as home_views
from bot.core.views.board import Filter
from bot.core.views.home import HomeView
from bot.i18n import Translator
from bot.slack import setup as workspace_setup
from bot.slack.blocks.base.kit import Block, View
from bot.slack.blocks.setup import screens
from bot.slack.blocks.views import home
from bot.slack.context import AppContext
from bot.slack.messages.context import translator
from bot.slack.messages.kept import with_kept
from bot.slack.replies import not_configured
from bot.slack.setup import translator as setup_translator
from bot.slack.web_api.gateway import Denied, NotTaken, SlackFailure
from storage import homes, members, mqls, setups, workspaces
from storage.homes import Drawing
from storage.models import OpenHome, Workspace
from storage.vocabulary import Status

LOOK = timedelta(milliseconds=500)
AT_LEAST_EVERY = timedelta(minutes=1)
"""Also where nothing has changed: what was due today is overdue a little later."""
LEASE = timedelta(seconds=15)
AFTER_TROUBLE = timedelta(seconds=5)
REFUSED = timedelta(minutes=5)

log = structlog.get_logger(__name__)


def draw(context: AppContext, user_id: str) -> bool:
    """Draw one App Home now, unless it was drawn just now or somebody else is at it. Returns whether Slack was
    called."""
    now = context.now()
    with context.database.transaction() as tx:
        known = homes.get(tx, context.identity.team_id, user_id)
        free = known is not None and homes.may_be_drawn(known, now)
        drawing = homes.take(tx, known, now + LEASE) if known is not None and free else None
    return drawing is not None and known is not None and _draw(context, known, drawing)


def _draw(context: AppContext, known: OpenHome, drawing: Drawing) -> bool:
    with context.database.snapshot() as tx:
        state = homes.state_of(tx, drawing.workspace_id)
    # The state before the view: what changes between the two is drawn once more.
    view = _view(context, drawing)
    digest, now = _digest(view), context.now()
    if digest == known.drawn:
        _note(context, drawing, drawn_from=state, drawn_at=now)
        return False
    values: dict[str, Any] = {"drawn_from": state, "drawn": digest, "drawn_at": now}
    values["next_at"] = now + context.homes_every
    try:
        context.gateway.call_in_time("views.publish", user_id=drawing.user_id, view=view)
    except NotTaken as busy:
        wait = timedelta(seconds=busy.retry_after) if busy.retry_after else AFTER_TROUBLE
        values = {"drawn_from": "", "next_at": now + wait}
    except Denied as denied:
        log.warning("home_not_published", workspace=drawing.workspace_id, code=denied.code)
        values |= {"drawn": "", "next_at": now + REFUSED}
    except SlackFailure as failure:
        log.warning("home_not_published", workspace=drawing.workspace_id, code=failure.code)
        values = {"drawn_from": "", "drawn": "", "next_at": now + AFTER_TROUBLE}
    _note(context, drawing, **values)
    return True


def _note(context: AppContext, drawing: Drawing, **values: Any) -> None:
    with context.database.transaction() as tx:
        homes.drawn(tx, drawing, **values)


def _view(context: AppContext, drawing: Drawing) -> View:
    now = context.now()
    with context.database.snapshot() as tx:
        workspace = workspaces.get(tx, drawing.workspace_id)
        if workspace is None or workspace.policy_id is None:
            return _of_setup(tx, drawing)
        t = translator(workspace, members.get(tx, drawing.workspace_id, drawing.user_id))
        wanted = Filter.of(homes.chosen(tx, drawing.workspace_id, drawing.user_id))
        seen = home_views.home(tx, workspace, drawing.user_id, now, wanted)
        if seen.team is not None:
            shown = list(with_kept(tx, drawing.workspace_id, seen.team.page.shown, now))
            seen = replace(seen, team=replace(seen.team, page=replace(seen.team.page, shown=shown)))
        above = _begun(tx, workspace, seen, t)
    return home.home(seen, t, now, above)


def _of_setup(tx: sa.Connection, drawing: Drawing) -> View:
    """Return the set-up for whoever may do it; everybody else reads who does."""
    known = setups.get(tx, drawing.workspace_id)
    if known is None or drawing.user_id not in known.keepers:
        return {"type": "home", "blocks": not_configured(tx, drawing.workspace_id).blocks}
    answers, t = Answers.of(known.answers), setup_translator(known)
    return screens.home(answers, Reading.of(known.reading), known.keepers, t)


def _begun(tx: sa.Connection, workspace: Workspace, seen: HomeView, t: Translator) -> list[Block]:
    """Return what comes after the set-up, for admins until one of them closes it."""
    known = setups.get(tx, workspace.id)
    if known is None or known.finished_at is None or not may(seen.member, Permission.SETTINGS):
        return []
    test = mqls.get(tx, workspace.id, known.test_mql_id) if known.test_mql_id is not None else None
    open_test = test if test is not None and not test.disposed and test.status != Status.WITHDRAWN else None
    return screens.begun(workspace.mql_channel, str(open_test.number) if open_test else None, t)


def _digest(view: View) -> str:
    """Return what tells one view from another: all but its last line, which says as of when it is."""
    return hashlib.sha256(json.dumps(view["blocks"][:-1], sort_keys=True).encode()).hexdigest()


class HomeLoop:
    """Draws the open App Homes of one workspace anew, whenever anything that they may show has changed."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._stopping = threading.Event()

    def run(self) -> None:
        """Look twice a second until `stop`."""
        while not self._stopping.wait(LOOK.total_seconds()):
            try:
                self.drain()
            except Exception:
                # The database may be away for a moment; the App Homes are drawn when it is back.
                log.exception("homes_failed")

    def stop(self) -> None:
        """Finish the one in hand and take no more."""
        self._stopping.set()

    def drain(self) -> int:
        """Draw every open App Home that shows another state than the present one; returns how often Slack was
        called."""
        context, now = self._context, self._context.now()
        workspace_id = context.identity.team_id
        with context.database.snapshot() as tx:
            if not homes.anybody_looks(tx, workspace_id, now):
                return 0
            state = homes.state_of(tx, workspace_id)
            stale = homes.to_draw(tx, workspace_id, state, now, now - AT_LEAST_EVERY)
        return sum(draw(context, known.user_id) for known in stale if not self._stopping.is_set())


def publish_home(context: AppContext, workspace_id: str, user_id: str) -> None:
    """Show a person their App Home as it stands now, and keep it so while they look."""
    if workspace_id != context.identity.team_id:
        # With our token we could only show it in our workspace: somebody may be a member of two.
        return
    workspace_setup.meet(context, user_id)
    with context.database.transaction() as tx:
        homes.look(tx, workspace_id, user_id, context.now())
    draw(context, user_id)
