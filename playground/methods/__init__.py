"""The Web API methods of the playground, by name."""

from playground.methods import chat, connections, conversations, files, functions, people, reactions, validation, views
from playground.methods.registry import METHODS, PER_MINUTE, Call, Method, read_arguments

__all__ = [
    "METHODS",
    "PER_MINUTE",
    "Call",
    "Method",
    "chat",
    "connections",
    "conversations",
    "files",
    "functions",
    "people",
    "reactions",
    "read_arguments",
    "validation",
    "views",
]
