from __future__ import annotations

import pytest

from bot.connectors.sources.contract import LeadRead
from bot.connectors.sources.registry import KINDS
from bot.core.mql.lead import Lead
from tests.connectors.sources.deliveries import SAMPLES, Sample, delivery


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_delivery_of_each_tool_is_the_right_lead(sample: Sample) -> None:
    (item,) = KINDS[sample.kind].read(delivery(sample.body, sample.content_type), {})
    assert isinstance(item.content, LeadRead)
    lead = item.content.lead
    assert lead is not None, item.content
    fields = {name: getattr(lead, name) for name in Lead.model_fields if name not in ("attributes", "record_ids")}
    fields["crm_url"] = str(lead.crm_url) if lead.crm_url else None
    assert {name: value for name, value in fields.items() if value is not None} == sample.lead
    assert {name: lead.attributes.get(name) for name in sample.attributes} == sample.attributes


@pytest.mark.parametrize("sample", [each for each in SAMPLES if each.key], ids=lambda sample: sample.name)
def test_a_delivery_that_comes_again_has_the_same_key(sample: Sample) -> None:
    (item,) = KINDS[sample.kind].read(delivery(sample.body, sample.content_type), {})
    (again,) = KINDS[sample.kind].read(delivery(sample.body, sample.content_type), {})
    assert item.key == again.key
    assert item.key == sample.key or (sample.kind == "movabletype" and len(item.key or "") == 64)


def test_every_kind_has_a_sample_but_the_one_that_names_records_alone() -> None:
    assert {sample.kind for sample in SAMPLES} == set(KINDS) - {"bownow", "figures"}
