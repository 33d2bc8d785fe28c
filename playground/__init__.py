"""A strict local Slack: real HTTP and Socket Mode, Slack's limits and error codes, faults on demand."""

from playground.client.acknowledgement import Acknowledgement
from playground.client.conversation import Conversation
from playground.client.message import Message
from playground.client.modal import Home, View
from playground.client.other_app import OtherApp
from playground.client.person import Person
from playground.errors import ClientRefused, NotAcknowledged
from playground.faults import Fault
from playground.playground import Playground
from playground.sample import SAMPLE_TEAM, ChannelSpec, PersonSpec, TeamSpec, UsergroupSpec

__all__ = [
    "SAMPLE_TEAM",
    "Acknowledgement",
    "ChannelSpec",
    "ClientRefused",
    "Conversation",
    "Fault",
    "Home",
    "Message",
    "NotAcknowledged",
    "OtherApp",
    "Person",
    "PersonSpec",
    "Playground",
    "TeamSpec",
    "UsergroupSpec",
    "View",
]
