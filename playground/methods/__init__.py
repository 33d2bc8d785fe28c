"""The Web API methods of the playground, by name."""

from playground.methods import chat, conversations, functions, other, people
from playground.methods.registry import METHODS, PER_MINUTE, Call, Method, read_arguments

__all__ = [
    "METHODS",
    "PER_MINUTE",
    "Call",
    "Method",
    "chat",
    "conversations",
    "functions",
    "other",
    "people",
    "read_arguments",
]
