"""The parts of a look: knots, splines, decision list, monotone lattices, sharing, matching."""

import json

import numpy as np
import pytest
import torch

from vfxai.color.look import Lattice, lattice_applied
from vfxai.errors import InputError, ParameterError
from vfxai.look.cdl import Cdl, fit_cdl, luminance
from vfxai.look.fit import binned, fit
from vfxai.look.look import COEFFICIENTS, Look
from vfxai.look.match import matched
from vfxai.look.mix import Mix, neutral, relit, skin
from vfxai.look.monotone import monotone
from vfxai.look.pairs import paired
from vfxai.look.scale import Scale
from vfxai.look.spline import basis, bending, gathered, spread

SCALES = [Scale(True, 1.0), Scale(True, 13.0), Scale(False, 1.0), Scale(False, 1.7), Scale(True, 1e4)]
FLAT = torch.zeros(COEFFICIENTS, COEFFICIENTS, COEFFICIENTS, 3).half()


def colors(count: int = 4000, top: float = 1.0) -> torch.Tensor:
    return torch.rand(count, 3, generator=torch.Generator().manual_seed(1)) * top


@pytest.mark.parametrize("scale", SCALES)
def test_knots_are_half_values_on_the_steps_of_a_cube_file(scale: Scale) -> None:
    knots = scale.knots()
    assert len(knots) == 65 and bool((knots.diff() > 0).all())
    assert knots[0] == -65504 and knots[-1] == 65504
    assert bool((knots.half().double() == knots).all())
    near = knots[(knots >= scale.domain[0]) & (knots <= scale.domain[1])]
    steps = (near - scale.domain[0]) / scale.step
    assert bool((steps == steps.round()).all())
    assert near[0] == scale.domain[0] and near[-1] == scale.domain[1]
    assert (scale.domain[1] - scale.domain[0]) / scale.step < 65536


def test_splines_sum_to_one_and_their_transpose_is_true() -> None:
    rows = basis(torch.linspace(0, 1, 17, dtype=torch.float64), 7)
    assert torch.allclose(rows.sum(1), torch.ones(17, dtype=torch.float64))
    generator = torch.Generator().manual_seed(2)
    a = torch.randn(7, 7, 7, 3, generator=generator, dtype=torch.float64)
    b = torch.randn(17, 17, 17, 3, generator=generator, dtype=torch.float64)
    assert float((spread(a, rows) * b).sum()) == pytest.approx(float((a * gathered(b, rows)).sum()))
    by_axis = torch.einsum("ai,bj,ck,ijkd->abcd", rows, rows, rows, a)
    assert torch.allclose(spread(a, rows), by_axis)


def test_bending_is_the_gradient_of_second_differences_and_spares_planes() -> None:
    at = torch.arange(6, dtype=torch.float64)
    plane = (at[:, None, None] + 2 * at[None, :, None] - 3 * at[None, None, :])[..., None]
    assert float(bending(plane).abs().max()) < 1e-9
    c = torch.randn(6, 6, 6, 1, generator=torch.Generator().manual_seed(3), dtype=torch.float64, requires_grad=True)
    pure = sum((c.diff(2, axis) ** 2).sum() for axis in range(3))
    mixed = sum((c.diff(1, a).diff(1, (a + 1) % 3) ** 2).sum() for a in range(3))
    (wanted,) = torch.autograd.grad(pure / 2 + mixed, c)
    assert torch.allclose(bending(c.detach()), wanted)


@pytest.mark.parametrize("linear", [True, False])
def test_a_decision_list_is_found_again(linear: bool) -> None:
    true = Cdl((1.2, 0.9, 1.05), (0.02, -0.01, 0.0), (1.1, 0.95, 1.0), 0.8)
    before = colors()
    found = fit_cdl(before, true(before), torch.ones(len(before)), Scale(linear, 1.0))
    assert (found(before) - true(before)).abs().max() < 2e-3
    assert found.saturation == pytest.approx(0.8, abs=0.01)


def test_a_decision_list_goes_on_as_a_straight_line() -> None:
    cdl = Cdl((1.2, 1.0, 0.9), (0.01, 0.0, 0.02), (1.4, 0.7, 1.0), 1.0)
    x = torch.linspace(-3, 40, 4000, dtype=torch.float64)[:, None].repeat(1, 3)
    y = cdl.extended(x, 1.0)
    inside = (x[:, 0] >= 0) & (x[:, 0] <= 1)
    assert torch.allclose(y[inside], cdl(x[inside]))
    assert bool((y.diff(dim=0) > 0).all())
    assert float(y[x[:, 0] > 1].diff(2, 0).abs().max()) < 1e-9
    assert float(y.diff(dim=0).max()) < 0.1, "no jump where the line begins"


@pytest.mark.parametrize("scale", SCALES)
def test_doing_nothing_is_exact_over_all_half_values(scale: Scale) -> None:
    apply = lattice_applied(Look(scale, Cdl(), FLAT).lattice())
    values = torch.arange(65536, dtype=torch.int32).to(torch.uint16).view(torch.float16).float()
    values = values[values.isfinite()]
    picture = torch.stack([values, values.flip(0), values.roll(999)])[:, None]
    assert float(((apply(picture) - picture).abs() / (picture.abs() + 0.5)).max()) < 2e-4
    small = picture.clamp(*scale.domain)
    assert float(((apply(small) - small).abs() / (small.abs() + 0.1)).max()) < 2e-5


def test_a_falling_lattice_rises_and_a_rising_one_stays() -> None:
    scale = Scale(True, 1.0)
    knots = scale.knots()
    grid = torch.stack(torch.meshgrid(knots, knots, knots, indexing="ij"), -1)
    assert torch.equal(monotone(grid, knots, scale.seen(knots)), grid)
    wild = grid + 0.3 * torch.sin(grid.flip(-1).clamp(0, 2) * 9) - 1.2 * grid.clamp(0, 0.7)
    risen = monotone(wild, knots, scale.seen(knots))
    for channel in range(3):
        assert bool((risen[..., channel].diff(dim=channel) >= 0).all())
    gray = torch.linspace(-1, 3, 5000).expand(3, 1, -1).contiguous()
    made = lattice_applied(Lattice(knots.numpy(), risen.float().numpy(), scale.domain, scale.step))(gray)
    assert float(made.diff(dim=2).min()) > -5e-6, "between the knots too, to rounding"
    assert bool((torch.einsum("iiic->ic", wild).diff(dim=0) < 0).any())


def twisted(color: torch.Tensor) -> torch.Tensor:
    """Contrast, warmth and a turn of hues, as a colourist might."""
    curve = color - 0.15 * torch.sin(2 * torch.pi * color) / (2 * torch.pi)
    warm = curve * torch.tensor([1.06, 1.0, 0.92])
    gray = luminance(warm)
    return gray + (warm - gray) @ torch.linalg.matrix_exp(torch.tensor([[0, 0.1, -0.1], [-0.1, 0, 0.1], [0.1, -0.1, 0]])).T * 1.1


def test_a_fit_reaches_colours_it_has_not_seen_and_survives_storing() -> None:
    scale = Scale(False, 1.0)
    before = colors()
    look = fit(binned(before, twisted(before), torch.ones(len(before)), scale), scale, 1e-5)
    other = torch.rand(3, 40, 50, generator=torch.Generator().manual_seed(9)) * 0.9 + 0.05
    made = lattice_applied(look.lattice())(other)
    assert (made - twisted(other.movedim(0, -1)).movedim(-1, 0)).abs().mean() < 2e-3
    stored = Look.from_dict(json.loads(json.dumps(look.to_dict())))
    assert np.array_equal(stored.lattice().table, look.lattice().table)
    assert len(json.dumps(look.to_dict())) < 200_000
    with pytest.raises(ParameterError, match="version"):
        Look.from_dict({**look.to_dict(), "version": 99})
    with pytest.raises(ParameterError, match="no look"):
        Look.from_dict({**look.to_dict(), "rest": "AAAA"})


def test_a_pair_may_be_shifted_and_marked() -> None:
    y, x = torch.meshgrid(torch.arange(120.0), torch.arange(160.0), indexing="ij")
    patches = colors(48 * 64).reshape(48, 64, 3).movedim(-1, 0)[:, (y // 10).long(), (x // 10).long()]
    picture = 0.8 * patches + 0.1 + 0.1 * torch.sin(x / 9 + y / 17)
    graded = twisted(picture.movedim(0, -1)).movedim(-1, 0).roll((3, -4), (1, 2))
    graded[:, 20:30, 40:100] = 1.0  # a burnt-in text
    scale = Scale(False, 1.0)
    before, after, weight = paired(picture, graded, scale)
    off = (after - twisted(before)).abs().amax(1)
    assert float((off < 1e-5).float().mean()) > 0.9
    look = fit(binned(before, after, weight, scale), scale, 1e-5)
    made = lattice_applied(look.lattice())(picture)
    assert (made - twisted(picture.movedim(0, -1)).movedim(-1, 0)).abs().mean() < 6e-3
    with pytest.raises(InputError, match="160x120"):
        paired(picture, graded[:, :90], scale)


def test_sharing_keeps_what_it_protects() -> None:
    scale = Scale(True, 1.0)
    before = colors(top=3.0)
    after = before * torch.tensor([1.3, 0.9, 0.6]) + 0.05
    kept = Mix(luma_only=True)(before, after, scale)
    assert torch.allclose(luminance(kept), luminance(after), atol=1e-4)
    bright = luminance(before)[:, 0] > 0.2
    assert float(((kept / kept.sum(1, True)) - (before / before.sum(1, True)))[bright].abs().max()) < 0.02
    assert torch.equal(Mix()(before, after, scale), after)
    assert torch.allclose(Mix(strength=0.25)(before, after, scale), 0.75 * before + 0.25 * after, atol=1e-6)
    gray = torch.linspace(0.0, 5, 50)[:, None].repeat(1, 3)
    held = Mix(protect_neutrals=1.0)(gray, gray * torch.tensor([1.3, 0.9, 0.6]) + 0.05, scale)
    assert float((held - held.mean(1, True)).abs().max()) < 1e-5
    assert torch.allclose(relit(torch.zeros(1, 3), torch.full((1, 1), 0.2)), torch.full((1, 3), 0.2))


def test_skin_is_told_from_what_is_not() -> None:
    people = torch.tensor([[0.94, 0.78, 0.67], [0.88, 0.67, 0.53], [0.76, 0.57, 0.45], [0.55, 0.37, 0.27], [0.36, 0.24, 0.18]])
    things = torch.tensor([[0.2, 0.5, 0.2], [0.4, 0.6, 0.9], [0.5, 0.5, 0.5], [0.9, 0.1, 0.1], [1.0, 0.9, 0.1], [0.6, 0.2, 0.7]])
    assert float(skin(people).min()) > 0.8
    assert float(skin(things).max()) < 0.1
    assert float(neutral(people).max()) < 0.9 and float(neutral(torch.full((1, 3), 0.4))) == 1


def test_matching_other_footage_brings_its_colours() -> None:
    scale = Scale(False, 1.0)
    generator = torch.Generator().manual_seed(4)
    mix = torch.tensor([[0.1, 0.05, 0.02], [0.0, 0.08, 0.03], [0.0, 0.0, 0.1]])
    one, other = (torch.randn(6000, 3, generator=generator) @ mix + 0.5 for _ in range(2))
    moved = matched(one, twisted(other), scale)
    assert (moved - twisted(one)).abs().mean() < 0.4 * (one - twisted(one)).abs().mean()
    assert (matched(one, other, scale) - one).abs().mean() < 0.01, "the same look needs no change"
