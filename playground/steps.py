"""Custom steps: the bot runs a function for Workflow Builder (Slack documentation: custom steps, function_executed)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from playground.errors import ClientRefused
from playground.model import Json, StepRun

if TYPE_CHECKING:
    from playground.playground import Playground


def run(playground: "Playground", callback_id: str, inputs: dict[str, Any], timeout: float) -> StepRun:
    """Send function_executed and wait until the run has ended, at most `timeout` seconds."""
    definition = playground.workspace.grants.step(callback_id)
    if definition is None:
        raise ClientRefused(f"Workflow Builder has no step {callback_id!r}: the manifest does not list it")
    asked, given = _parameters(definition, "input_parameters"), _parameters(definition, "output_parameters")
    if missing := [name for name, one in asked.items() if one.get("is_required") and name not in inputs]:
        raise ClientRefused(f"the step needs {', '.join(missing)}")
    required = tuple(name for name, one in given.items() if one.get("is_required"))
    with playground.workspace.change() as events:
        step = StepRun(playground.workspace.new_id("Fx"), callback_id, inputs, required)
        playground.workspace.steps[step.id] = step
        events.append(_event(playground, step, definition))
    answer = playground.events.deliver(events)
    step.delivered = answer is not None and not answer.failure
    while step.delivered and step.status == "running":
        revision = playground.revision
        if step.status == "running" and playground.wait_for_change(revision, timeout) == revision:
            break
    return step


def _parameters(definition: Mapping[str, object], key: str) -> Mapping[str, Mapping[str, object]]:
    found = definition.get(key)
    return found if isinstance(found, Mapping) else {}


def _event(playground: "Playground", step: StepRun, definition: Mapping[str, object]) -> Json:
    described = [
        {"name": name, "type": one.get("type"), "is_required": bool(one.get("is_required"))}
        for name, one in _parameters(definition, "input_parameters").items()
    ]
    return {
        "type": "function_executed",
        "function": {
            "id": f"Fn{step.id[2:]}",
            "callback_id": step.callback_id,
            "title": definition.get("title", step.callback_id),
            "description": definition.get("description", ""),
            "type": "app",
            "input_parameters": described,
            "app_id": playground.app_id,
        },
        "inputs": step.inputs,
        "function_execution_id": step.id,
        "workflow_execution_id": f"Wx{step.id[2:]}",
        "event_ts": playground.workspace.next_ts(),
        "bot_access_token": playground.step_token,
    }
