"""A lead as it comes in from outside: not trusted, so validated here and nowhere else."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, EmailStr, Field, HttpUrl, JsonValue, StringConstraints

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]


class Lead(BaseModel):
    """What marketing hands over. A company, a person or an e-mail address must be there
    (the connectors see to it); everything else may be missing."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    external_id: Line | None = Field(default=None, description="The id that the MA or SFA tool knows the lead by.")
    record_ids: dict[Line, Line] = Field(
        default_factory=dict,
        exclude=True,
        max_length=20,
        description='The ids of its records by tool: {"salesforce": "003…"}. The same by whatever door they come.',
    )
    company: Line | None = None
    person: Line | None = None
    title: Line | None = Field(default=None, description="Job title.")
    email: EmailStr | None = None
    phone: Line | None = None
    channel: Line | None = Field(default=None, description="Marketing channel, for example webinar or search ads.")
    campaign: Line | None = None
    form: Line | None = Field(default=None, description="The form or page the lead came in by.")
    score: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    score_reason: Line | None = Field(default=None, description="Why the lead scored that high.")
    message: Text | None = Field(default=None, description="What the person wrote.")
    crm_url: HttpUrl | None = Field(default=None, description="The record in the CRM, opened from the card.")
    attributes: dict[Line, JsonValue] = Field(default_factory=dict, max_length=50)
    sent_at: datetime | None = Field(
        default=None, exclude=True, description="When it came, where that is known: before the bot read it."
    )
