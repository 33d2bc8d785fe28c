"""Workflow Builder, which runs the bot's custom steps (Slack documentation: custom steps, function_executed)."""

from collections.abc import Mapping
from typing import Any

from playground.dispatch.events import Events
from playground.errors import ClientRefused
from playground.model import Json, StepRun
from playground.workspace import Workspace

Definition = Mapping[str, object]


class WorkflowBuilder:
    """Runs custom steps. `step_token` is the token that a run carries for the bot's answer."""

    def __init__(self, workspace: Workspace, events: Events, step_token: str) -> None:
        self._workspace, self._events, self._step_token = workspace, events, step_token

    def run_step(self, callback_id: str, inputs: dict[str, Any], timeout: float = 5.0) -> StepRun:
        """Send function_executed and wait until the run has ended, at most `timeout` seconds."""
        definition = self._workspace.grants.step(callback_id)
        if definition is None:
            raise ClientRefused(f"Workflow Builder has no step {callback_id!r}: the manifest does not list it")
        if missing := [name for name in _required(definition, "input_parameters") if name not in inputs]:
            raise ClientRefused(f"the step needs {', '.join(missing)}")
        with self._workspace.change() as events:
            outputs = _required(definition, "output_parameters")
            step = StepRun(self._workspace.new_id("Fx"), callback_id, inputs, outputs)
            self._workspace.steps[step.id] = step
            events.append(self._event(step, definition))
        answer = self._events.deliver(events)
        step.delivered = answer is not None and not answer.failure
        self._wait(step, timeout)
        return step

    def _wait(self, step: StepRun, timeout: float) -> None:
        changes = self._workspace.changes
        while step.delivered and step.status == "running":
            revision = changes.revision
            if step.status == "running" and changes.wait(revision, timeout) == revision:
                break

    def _event(self, step: StepRun, definition: Definition) -> Json:
        return {
            "type": "function_executed",
            "function": {
                "id": f"Fn{step.id[2:]}",
                "callback_id": step.callback_id,
                "title": definition.get("title", step.callback_id),
                "description": definition.get("description", ""),
                "type": "app",
                "input_parameters": _described(definition),
                "app_id": self._workspace.app_id,
            },
            "inputs": step.inputs,
            "function_execution_id": step.id,
            "workflow_execution_id": f"Wx{step.id[2:]}",
            "event_ts": self._workspace.next_ts(),
            "bot_access_token": self._step_token,
        }


def _described(definition: Definition) -> list[Json]:
    return [
        {"name": name, "type": parameter.get("type"), "is_required": bool(parameter.get("is_required"))}
        for name, parameter in _parameters(definition, "input_parameters").items()
    ]


def _required(definition: Definition, key: str) -> tuple[str, ...]:
    parameters = _parameters(definition, key)
    return tuple(name for name, parameter in parameters.items() if parameter.get("is_required"))


def _parameters(definition: Definition, key: str) -> Mapping[str, Mapping[str, object]]:
    parameters = definition.get(key)
    return parameters if isinstance(parameters, Mapping) else {}
