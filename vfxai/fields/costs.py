"""What an explanation of a shot's fields costs, item by item; detection takes the explanation that costs least.

The unit is the nat: a cost of c says that something is exp(-c) times as likely as what costs nothing. `vfxai bench quality --only costs` measures the
range of each within which no shot is lost (docs/quality.md); docs/explanation/fields.md says how they are used.
"""

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Item:
    """What is known of a cost besides its value."""

    unit: str
    low: float
    high: float
    """The range in which every shot that is found with the value is found as well; measured with three stills, 162 shots."""
    evidence: str


def _cost(value: float, unit: str, low: float, high: float, evidence: str) -> Any:
    return field(default=value, metadata={"item": Item(unit, low, high, evidence)})


@dataclass(frozen=True)
class Costs:
    """Prices of what an explanation assumes. Frozen: those in use are COSTS."""

    switch: float = _cost(
        8.0,
        "nats",
        2,
        32,
        "nearly three fields that are surely of another time than they should be (3 nats each, closeness.MOST)",
    )
    """A change of cadence within a scene."""
    switch_at_cut: float = _cost(
        0.75, "nats", 0, 3, "reels are spliced at cuts: a change is likely there, and still no free choice"
    )
    """A change of cadence at a cut."""
    cut: float = _cost(
        3.0, "nats", 0, 12, "a cut inside a frame is three cuts in the other field order, which must not be the cheaper one"
    )
    """A cut, counted in both field orders."""
    across_cut: float = _cost(20.0, "nats", 0, 80, "no picture holds two scenes; only where fields are few may it be said")
    """A picture that goes across a cut."""
    begun: float = _cost(1.5, "nats", 0.375, 6, "one shot in four or five begins within a picture of film")
    """A shot that begins within a picture."""
    video: float = _cost(
        0.4,
        "nats a field",
        0.1,
        1.6,
        "stills and film whose fields weave without combing cost nothing and must be the cheaper explanation",
    )
    """A field of video, where nothing tells its place in time."""
    video_told: float = _cost(0.2, "nats a field", 0, 0.8, "where its place in time tells something, that is evidence of its own")
    """A field of video, where its place in time tells something."""
    longer: float = _cost(
        0.02,
        "nats a picture of the cycle",
        0,
        0.08,
        "of two cadences that explain alike the shorter is meant: still shots are frames",
    )
    """What a cadence costs for the length of its cycle."""
    unrepeated: float = _cost(
        1.0, "nats", 0, 4, "a third field that is not the first again is as a rule no picture of three fields"
    )
    """A picture of three fields whose third is not its first again, where repeats can be told; half of it a repeat that is in no cadence."""
    untold: float = _cost(0.3, "nats", 0, 1.2, "stills are no film in which nothing moves")
    """A picture of three fields where nothing tells whether its third is its first again."""
    repeated: float = _cost(3.0, "nats", 0, 12, "half of what a picture woven of two times in 350 blocks costs (ln 350 = 5.9)")
    """A field of video that comes again while all around moves."""
    stated_film: float = _cost(
        0.5, "factor", 0, 2, "a person knows better than what combs a little, not than what combs all over"
    )
    """What combing, and fields of another time, weigh in a picture where a person says that the shot is film."""
    chance: float = _cost(
        0.35,
        "share of blocks",
        0.0875,
        1.4,
        "fine detail that moves combs by chance: in a quarter of the blocks in sharp pictures made smaller",
    )
    """Share of the blocks that comb nearby which comb by chance."""
    by_chance: float = _cost(0.5, "blocks", 0, 2, "less than one block is none")
    """Blocks that may comb by chance in any field."""
    vote: float = _cost(
        0.75, "nats a pair of frames", 0, 3, "a short shot may fit a cadence by chance; its motion tells the order better"
    )
    """What a pair of frames whose motion tells the field order weighs against the cost of cadences."""


COSTS = Costs()


def item(name: str) -> Item:
    """Unit, range and evidence of a cost."""
    found: Item = next(f.metadata["item"] for f in fields(Costs) if f.name == name)
    return found
