"""functions.*: how a custom step of Workflow Builder ends."""

from playground.errors import SlackError
from playground.methods.registry import Call, method
from playground.model import Json, StepRun


def _running(call: Call) -> StepRun:
    step = call.workspace.steps.get(call.args["function_execution_id"])
    if step is None:
        sentence = f"function_execution_id: no run {call.args['function_execution_id']!r}"
        raise SlackError("function_execution_not_found", sentence)
    if step.status != "running":
        raise SlackError("execution_not_in_running_state", f"function_execution_id: the run has {step.status} already")
    return step


@method("functions.completeSuccess", tier=3, required={"function_execution_id": "string", "outputs": "json"})
def complete_success(call: Call) -> Json:
    """End a step well, with the outputs that the manifest promises."""
    step = _running(call)
    outputs = call.args["outputs"]
    if not isinstance(outputs, dict):
        raise SlackError("invalid_arguments", "outputs: must be an object")
    if missing := [name for name in step.required_outputs if name not in outputs]:
        raise SlackError("parameter_validation_failed", f"outputs: needs {', '.join(missing)}")
    step.status, step.outputs = "completed", dict(outputs)
    return {}


@method("functions.completeError", tier=3, required={"function_execution_id": "string", "error": "string"})
def complete_error(call: Call) -> Json:
    """End a step badly, with a sentence for whoever built the workflow."""
    step = _running(call)
    step.status, step.error = "failed", call.args["error"]
    return {}
