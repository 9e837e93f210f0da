"""Whatever a user writes into a recipe or onto a command line comes to one of our errors, in a few lines, or to a recipe."""

import contextlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vfxai.cli.main import main
from vfxai.engine.recipe import Recipe
from vfxai.errors import UsageError, VfxaiError
from vfxai.schema import registry
from vfxai.schema.events import event_from
from vfxai.schema.frames import MOST_FRAMES, numbers
from vfxai.schema.job import Job

registry.discover()
NODES = registry.names()
SAID = 8_000
"""Characters of the longest message: what is wrong in each of a dozen places."""
QUICK, THOROUGH = 60, 3000
LONG = (pytest.mark.long, pytest.mark.timeout(3600))

NUMBERS = st.one_of(st.integers(), st.floats(), st.just(10**4000), st.booleans(), st.none())
TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="0123456789-x:,.=#@%+ \n", max_size=30),
    st.text(alphabet=st.characters(categories=["Cs", "Cc", "Lo"]), max_size=8),
    st.sampled_from(
        ["", "nan", "1e999", "auto", "1=2,3=4", "1=,", "=", "-", "--", "self", "\0", "\ud800", "../" * 40, "9" * 5000]
    ),
)
VALUES = st.recursive(
    NUMBERS | TEXTS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


def words(*names: str) -> st.SearchStrategy[str]:
    return st.sampled_from(names) | TEXTS


TABLES = st.dictionaries(
    words("id", "strength", "radius", "mask", "key", "pair", "size", "at", "region", "mix", "profile"), VALUES, max_size=6
).flatmap(lambda table: words(*NODES).map(lambda name: {**table, "id": name}))
RECIPES = st.builds(
    lambda own, nodes: {"source": "a.####.exr", "output": "b.####.exr", **own, "node": nodes},
    st.dictionaries(words("source", "output", *Job.parameters()), VALUES, max_size=6),
    st.lists(TABLES | VALUES, max_size=3) | VALUES,
)


def tried(make: Callable[[], Any]) -> Any:
    """What is made, or None after an error that is ours, bounded and with something to do."""
    try:
        return make()
    except VfxaiError as error:
        assert isinstance(error, UsageError)
        assert 0 < len(error.message) < SAID
        assert error.remedy
        assert "Traceback" not in error.message
        return None


def at_both_paces(check: Callable[..., None]) -> Callable[..., None]:
    """Runs a check of hypothesis on few examples, and on some thousand where all day is."""

    @pytest.mark.parametrize("examples", [QUICK, pytest.param(THOROUGH, marks=LONG)])
    def run(examples: int) -> None:
        health = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
        settings(max_examples=examples, deadline=None, suppress_health_check=health)(check)()

    run.__name__ = check.__name__
    return run


@at_both_paces
@given(RECIPES)
def test_tables(data: Any) -> None:
    made = tried(lambda: Recipe.from_dict(data))
    if made is not None:
        assert Recipe.from_dict(json.loads(json.dumps(made.to_dict()))).to_dict() == made.to_dict()
        assert made.identity() and made.changing(1001, 1001) is not None


@at_both_paces
@given(VALUES)
def test_what_is_no_table(data: Any) -> None:
    tried(lambda: Recipe.from_dict(data))
    tried(lambda: event_from(data))


@pytest.mark.parametrize("suffix", [".toml", ".json"])
@pytest.mark.parametrize("examples", [QUICK, pytest.param(THOROUGH, marks=LONG)])
def test_files(suffix: str, examples: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("recipes") / f"r{suffix}"
    good = b'source = "a"\noutput = "b"\nframes = "1-5"\n[[node]]\nid = "denoise"\nstrength = {1 = 0.5, 5 = 1.0}\n'
    if suffix == ".json":
        good = json.dumps(
            {"source": "a", "output": "b", "node": [{"id": "denoise", "mask": "m", "strength": {"1": 0.5}}]}
        ).encode()

    @settings(max_examples=examples, deadline=None)
    @given(st.binary(max_size=60) | st.tuples(st.integers(0, len(good)), st.integers(0, 9), st.binary(max_size=9)))
    def check(edit: Any) -> None:
        at, gone, new = edit if isinstance(edit, tuple) else (0, len(good), edit)
        path.write_bytes(good[:at] + new + good[at + gone :])
        tried(lambda: Recipe.read(path))

    check()


@at_both_paces
@given(TEXTS)
def test_frame_ranges(text: str) -> None:
    found = tried(lambda: numbers(text))
    assert found is None or 0 < len(set(found)) == len(found) <= MOST_FRAMES


OPTIONS = st.sampled_from(
    [
        "--frames",
        "--region",
        "--strength",
        "--mix",
        "--tile",
        "--device",
        "--mask",
        "--analysis",
        "--key",
        "--pair",
        "--json",
        "-x",
    ]
)
LINES = st.tuples(words(*NODES, "run", "info", "nodes", "spaces"), st.lists(OPTIONS | TEXTS, max_size=7))


@at_both_paces
@given(LINES)
def test_command_lines(line: tuple[str, list[str]]) -> None:
    """None of them names a plate that is there, so that nothing is made; what runs to its end lists something."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([line[0], *line[1]])
    assert code in (0, 2, 3, 5), err.getvalue()
    said = err.getvalue() + out.getvalue()
    assert "Traceback" not in said and "defect" not in said
    assert code == 0 or len(err.getvalue()) < SAID
