from pathlib import Path

from vfxai.train.pictures import HELD_OUT, photograph, split_large

TILES = [Path(f"{name}{tile}.webp") for name in map("p{:02d}".format, range(15)) for tile in ("_1", "_2")] + [Path("p99.webp")]


def test_a_tile_belongs_to_its_photograph() -> None:
    assert photograph(Path("usfs_map_2.webp")) == "usfs_map" and photograph(Path("uhdr_o01.webp")) == "uhdr_o01"


def test_no_photograph_is_on_both_sides() -> None:
    train, judges = split_large(TILES, set())
    assert not {photograph(p) for p in train} & {photograph(p) for p in judges}
    assert len({photograph(p) for p in judges}) == -(-16 // HELD_OUT)
    assert sorted(train + judges) == sorted(TILES)


def test_tiles_of_what_judges_already_are_neither_trained_on_nor_judges() -> None:
    train, judges = split_large(TILES, {"p03"})
    assert "p03" not in {photograph(p) for p in train + judges}
