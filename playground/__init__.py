"""A strict local Slack: real HTTP and Socket Mode, Slack's limits and error codes, faults on demand."""

from playground.apps import OtherApp
from playground.conversation import Conversation, Message
from playground.errors import ClientRefused, NotAcknowledged
from playground.faults import Fault
from playground.modal import Home, View
from playground.outcome import Outcome
from playground.people import Person
from playground.playground import Playground
from playground.sample import SAMPLE_TEAM, ChannelSpec, PersonSpec, TeamSpec, UsergroupSpec

__all__ = [
    "SAMPLE_TEAM",
    "ChannelSpec",
    "ClientRefused",
    "Conversation",
    "Fault",
    "Home",
    "Message",
    "NotAcknowledged",
    "OtherApp",
    "Outcome",
    "Person",
    "PersonSpec",
    "Playground",
    "TeamSpec",
    "UsergroupSpec",
    "View",
]
