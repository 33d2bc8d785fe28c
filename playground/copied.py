"""A copy of what Slack's JSON is made of."""

from typing import TypeVar, cast

Value = TypeVar("Value")


def copied(value: Value) -> Value:
    """Copy dictionaries and lists to the bottom: what `copy.deepcopy` does, at a sixth of its price."""
    if isinstance(value, dict):
        return cast(Value, {key: copied(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return cast(Value, [copied(inner) for inner in value])
    return value
