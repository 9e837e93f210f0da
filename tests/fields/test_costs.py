"""Every cost of field detection has its papers, and each of them matters."""

from dataclasses import FrozenInstanceError, fields

import pytest

from vfxai.fields.costs import COSTS, Costs, item


@pytest.mark.parametrize("name", [f.name for f in fields(Costs)])
def test_every_cost_has_a_unit_a_reason_and_a_range_around_it(name: str) -> None:
    papers = item(name)
    assert papers.unit.startswith(("nats", "factor", "share", "blocks"))
    assert len(papers.evidence) > 20
    assert 0 <= papers.low <= getattr(COSTS, name) <= papers.high


def test_costs_in_use_cannot_be_changed_by_accident() -> None:
    with pytest.raises(FrozenInstanceError):
        COSTS.switch = 1.0  # type: ignore[misc]
