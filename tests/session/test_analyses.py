"""What was learned, as it is stored."""

import json

import numpy as np
import pytest

from vfxai.errors import ParameterError
from vfxai.removal.wire_paths import WirePaths
from vfxai.removal.wires import Wire
from vfxai.session.analyses import SCHEMA, Analyses, Learned, stored_form

FOUND = Analyses((Learned("denoise", 5, {"level": 0.1}, ("said",)), Learned("upscale", 4, None)), {"denoise-s": "bf16"})


def test_the_file_has_one_shape_and_comes_back() -> None:
    for analyses in (FOUND, Analyses(FOUND.learned[:1]), Analyses(())):
        data = json.loads(json.dumps(analyses.to_dict()))
        assert sorted(data) == ["nodes", "precisions", "schema", "vfxai"]
        assert Analyses.from_dict(data) == analyses


def test_the_hash_counts_what_decides_pixels() -> None:
    said_otherwise = Analyses((Learned("denoise", 6, {"level": 0.1}), Learned("upscale", 4, None)), {"denoise-s": "bf16"})
    assert FOUND.hash == said_otherwise.hash
    assert FOUND.hash != Analyses(FOUND.learned, {"denoise-s": "fp32"}).hash
    assert FOUND.hash != Analyses((Learned("denoise", 5, {"level": 0.2}), FOUND.learned[1]), FOUND.precisions).hash


@pytest.mark.parametrize(
    "data",
    [None, 3, "{}", [], {}, {"schema": SCHEMA + 1, "nodes": []}, {"schema": SCHEMA}, {"schema": SCHEMA, "nodes": 3},
     {"schema": SCHEMA, "nodes": [{"node": "denoise", "analysis": 5}]}, {"schema": SCHEMA, "nodes": [], "precisions": [1]}],
)  # fmt: skip
def test_what_is_none_is_refused(data: object) -> None:
    with pytest.raises(ParameterError, match="no analysis"):
        Analyses.from_dict(data)


def test_a_wire_keeps_its_ends_when_it_is_stored() -> None:
    path = np.stack([np.linspace(3, 903, 119), np.full(119, 20.0)], 1)  # of 119 points every second is told
    loaded = WirePaths.from_dict(stored_form(WirePaths({1: (Wire(path, 2.0),)})))
    found = loaded.wires[1][0].path
    assert np.abs(found[[0, -1]] - path[[0, -1]]).max() < 0.1
