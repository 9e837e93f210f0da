"""The OpenColorIO config in use, and which colour space a file is in."""

import difflib
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
import torch
from torch import Tensor

from vfxai.color.luminance import LUMAS, Luminance, weights_of_primaries
from vfxai.errors import ColorSpaceError

ATTRIBUTES = ("colorInteropID", "oiio:ColorSpace", "colorspace", "ColorSpace")
"""Header attributes that name a space, the most trustworthy first."""
ACES, PRIMARIES_OF = "acesImageContainerFlag", "chromaticities"
"""What says a space without naming it: a file of SMPTE ST 2065-4 is in ACES2065-1; linear values have the primaries that the header states."""
BROKEN = (ocio.Exception, ocio.ExceptionMissingFile)
"""What OpenColorIO raises; a file that is missing is no case of the other."""
OIIO_NAMES = {
    "linear": "scene_linear",
    "Linear": "scene_linear",
    "scene_linear": "scene_linear",
    "srgb": "srgb_texture",
    "sRGB": "srgb_texture",
    "Rec709": "rec709_camera",
    "Gamma1.8": "g18_rec709",
    "Gamma2.2": "g22_rec709",
    "Gamma2.4": "g24_rec709",
    "KodakLog": "adx10",
}
"""What OpenImageIO writes where it knows no config, as roles or aliases of ours."""
INTEROP = re.compile(r"(lin|srgbe?|g[0-9]{2}|pq|hlg)_[a-z0-9]+_(scene|display)")
"""Form of the public ids of the Color Interop Forum."""
PRIMARIES = {
    "lin_rec709": (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.329),
    "lin_ap1": (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767),
    "aces2065_1": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767),
    "lin_rec2020": (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329),
    "lin_p3d65": (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329),
}
"""Chromaticities of red, green, blue and white of the linear spaces a file may be in."""


@dataclass(frozen=True)
class SpaceChoice:
    """A colour space and who said so."""

    name: str
    origin: str
    stated: bool
    """Whether the user or the file said it; a default of the config is to be printed."""


def shipped_config() -> Path:
    """The config that comes with vfxai."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "_ocio" / "config.ocio"
    return inside if inside.is_file() else package.parent / "ocio" / "config.ocio"


class Config:
    """An OCIO config with its colour spaces, transforms cached. Thread-safe."""

    def __init__(self, text: str, origin: str) -> None:
        self.text, self.origin = text, origin
        try:
            if text.startswith("ocio://"):
                self._config = ocio.Config.CreateFromBuiltinConfig(text.removeprefix("ocio://"))
            else:
                if not Path(text).is_file():
                    raise ColorSpaceError(f"the OCIO config {text} ({origin}) is not there", remedy="correct the path")
                self._config = ocio.Config.CreateFromFile(text)
        except BROKEN as error:
            raise ColorSpaceError(
                f"the OCIO config {text} ({origin}) cannot be read: {_reason(str(error))}",
                remedy="correct it (`ociocheck` says more), or give another with --ocio; without one the config shipped with vfxai is used",
            ) from error
        self.name = self._config.getName() or Path(text).name
        held = self.name.encode() if text.startswith("ocio://") else Path(text).read_bytes()
        self.digest = hashlib.sha256(held).hexdigest()
        """Hash of what the config's file holds, wherever it lies; of one that comes with OpenColorIO of its name, which says its version."""
        self._processor = lru_cache(maxsize=64)(self._make_processor)

    @property
    def files(self) -> list[Path]:
        """The files that its transforms read, such as look-up tables, as far as they are there."""
        context = self._config.getCurrentContext()
        found = set()
        for name in {str(t.getSrc()) for t in self._transforms() if isinstance(t, ocio.FileTransform)}:
            with suppress(*BROKEN):  # is told where a space needs it
                found.add(Path(context.resolveFileLocation(name)))
        return sorted(path for path in found if path.is_file())

    def _transforms(self) -> Iterator[Any]:
        """All transforms of its spaces, those in groups too."""
        spaces = self._config.getColorSpaces(ocio.SEARCH_REFERENCE_SPACE_ALL, ocio.COLORSPACE_ALL)
        directions = (ocio.COLORSPACE_DIR_TO_REFERENCE, ocio.COLORSPACE_DIR_FROM_REFERENCE)
        waiting = [t for space in spaces for way in directions if (t := space.getTransform(way)) is not None]
        while waiting:
            one = waiting.pop()
            yield one
            if isinstance(one, ocio.GroupTransform):
                waiting += list(one)

    @property
    def scene_linear(self) -> str:
        """The working space: the scene_linear role."""
        space = self._config.getRoleColorSpace("scene_linear")
        if not space:
            raise ColorSpaceError(
                f"{self.name} has no scene_linear role", remedy="use a config with this role, or none for the shipped one"
            )
        return str(space)

    @property
    def names(self) -> list[str]:
        """The active colour spaces, in the config's order."""
        return [str(name) for name in self._config.getColorSpaceNames()]

    def has(self, name: str) -> bool:
        """Whether there is a space, alias or role of this name."""
        return self._config.getColorSpace(name) is not None

    def facts(self) -> list[tuple[str, tuple[str, ...], str, str, str]]:
        """Name, aliases, family, encoding and description of every active colour space, in the config's order."""
        found = [self._config.getColorSpace(name) for name in self._config.getColorSpaceNames()]
        return [
            (s.getName(), tuple(s.getAliases()), s.getFamily(), s.getEncoding(), " ".join(s.getDescription().split()))
            for s in found
        ]

    def is_data(self, name: str) -> bool:
        """Whether values in a space are no colours."""
        space = self._config.getColorSpace(self.canonical(name))
        return bool(space.isData()) or str(space.getEncoding()) == "data"

    def label(self, name: str) -> dict[str, Any]:
        """Header attributes that say a space: its name, the public id if it has one, and the chromaticities of known linear spaces."""
        space = self._config.getColorSpace(self.canonical(name))
        names = (space.getName(), *space.getAliases())
        public = space.getInteropID() or next((n for n in names if INTEROP.fullmatch(n)), "")
        label: dict[str, Any] = {"oiio:ColorSpace": space.getName()}
        if public:
            label["colorInteropID"] = public
        primaries = next((xy for known, xy in PRIMARIES.items() if known in names), None)
        return {**label, "chromaticities": primaries} if primaries and self.is_linear(name) else label

    def is_linear(self, name: str) -> bool:
        """Whether a space is proportional to light."""
        space = self._config.getColorSpace(self.canonical(name))
        return str(space.getEncoding()) in ("scene-linear", "display-linear") or bool(
            self._config.isColorSpaceLinear(space.getName(), ocio.REFERENCE_SPACE_SCENE)
        )

    def check_way(self, source: str, target: str) -> None:
        """ColorSpaceError where one of two different spaces holds data, of which no colour can be converted."""
        spaces = [self.canonical(source), self.canonical(target)]
        data = next((name for name in spaces if self.is_data(name)), "")
        if data and spaces[0] != spaces[1]:
            raise ColorSpaceError(
                f"nothing can be converted from {spaces[0]!r} to {spaces[1]!r}: values in {data!r} are data and no colours",
                remedy="leave out --output-colorspace, or state with --colorspace the space that the values are in",
            )

    def canonical(self, name: str, option: str = "--colorspace") -> str:
        """The config's own name for a space, alias or role; ColorSpaceError with the nearest names and the option that takes them."""
        space = self._config.getColorSpace(name)
        if space is not None:
            return str(space.getName())
        known = [
            str(n)
            for s in self._config.getColorSpaces(ocio.SEARCH_REFERENCE_SPACE_ALL, ocio.COLORSPACE_ALL)
            for n in (s.getName(), *s.getAliases())
        ]
        near = difflib.get_close_matches(name, known, 3, 0.5)
        raise ColorSpaceError(
            f"{self.name} has no colour space {name!r}" + (f"; near: {', '.join(near)}" if near else ""),
            remedy=f"give {option} with a name of the config (`vfxai spaces` lists them), or --ocio with the config that has it",
        )

    def space(self, path: Path, attributes: Mapping[str, Any], option: str | None = None) -> SpaceChoice:
        """Which space a file is in: the option, the file's attributes, its chromaticities, the config's file rules.

        ColorSpaceError where nothing says it, and where the file says one that the config has not: that is never taken for no word at all.
        """
        if option:
            return SpaceChoice(self.canonical(option), "--colorspace", True)
        label = label_of(attributes)
        if label:
            name, value = label
            if found := self.said(attributes):
                said = "" if found == value or name == PRIMARIES_OF else f" {value!r}"
                return SpaceChoice(found, name if name == PRIMARIES_OF else f"attribute {name}{said}", True)
            raise ColorSpaceError(
                f"{path}: its attribute {name} says {value!r}, which {self.name} does not have",
                remedy="give --ocio with the config that has it, or --colorspace with the space that it is here; `vfxai spaces` lists them",
            )
        if self._config.filepathOnlyMatchesDefaultRule(str(path)):
            raise ColorSpaceError(
                f"{path}: the colour space is unknown; neither the file nor {self.name} says it",
                remedy="give --colorspace with a name of the config; `vfxai spaces` lists them",
            )
        space, rule = self._config.getColorSpaceFromFilepath(str(path))
        return SpaceChoice(self.canonical(space), f"file rule {self._config.getFileRules().getName(rule)!r} of the config", False)

    def space_beside(
        self, path: Path, attributes: Mapping[str, Any], plate: tuple[Path, SpaceChoice], option: str | None = None
    ) -> SpaceChoice:
        """Which space a key, reference or clean plate is in: the option, what its file says, else that which was stated for the plate.

        The plate's counts where --colorspace states it, for files of any format; where the plate's own file says it, for files of the same format.
        """
        if option:
            return SpaceChoice(self.canonical(option, "--beside-colorspace"), "--beside-colorspace", True)
        if not label_of(attributes):
            of, own = plate
            if own.origin == "--colorspace" or (own.stated and of.suffix.lower() == path.suffix.lower()):
                return SpaceChoice(own.name, f"the plate's, {own.origin}", False)
        return self.space(path, attributes)

    def said(self, attributes: Mapping[str, Any]) -> str | None:
        """The space that a file says by label_of(); None where it says none, or one that the config has not."""
        name, value = label_of(attributes) or ("", "")
        return self._by_primaries(value) if name == PRIMARIES_OF else self._named(value) if name else None

    def conflict(self, attributes: Mapping[str, Any], space: str) -> str:
        """What goes against a space in the attributes of its file, in words: ACES, or primaries that are not those of a linear space; empty where nothing does."""
        if label_of({ACES: attributes.get(ACES)}) and not self._is(space, "aces2065_1"):
            return f"its {ACES} says ACES2065-1"
        primaries = label_of({PRIMARIES_OF: attributes.get(PRIMARIES_OF)})
        own = self.label(space).get(PRIMARIES_OF)
        if primaries is None or own is None or _are(primaries[1], own):
            return ""
        other = self._by_primaries(primaries[1])
        return f"its {PRIMARIES_OF} are {f'those of {other}' if other else primaries[1]}"

    def _named(self, label: str) -> str | None:
        """The space of a label: a name, alias, role or public id."""
        value = OIIO_NAMES.get(label, label)
        if self.has(value):
            return self.canonical(value)
        known = self._config.getColorSpaces(ocio.SEARCH_REFERENCE_SPACE_ALL, ocio.COLORSPACE_ALL)
        return next((str(s.getName()) for s in known if s.getInteropID() == value), None)

    def luminance(self, space: str) -> Luminance:
        """What the luminance of pictures in a space is: of light by the space's primaries, or of the stored values by Rec. 709."""
        if not self.is_linear(space):
            return Luminance(LUMAS["rec709"], False)
        primaries = next((xy for name, xy in PRIMARIES.items() if self._is(space, name)), None)
        if primaries:
            return Luminance(weights_of_primaries(primaries), True)
        red, green, blue = self._config.getDefaultLumaCoefs()
        return Luminance((red, green, blue), True)

    def _is(self, space: str, known: str) -> bool:
        """Whether a space is the one of another name, which the config need not have."""
        return self.has(known) and self.canonical(known) == self.canonical(space)

    def _by_primaries(self, chromaticities: str) -> str | None:
        """The linear space of eight numbers, as label_of() gives them."""
        known = (name for name, wanted in PRIMARIES.items() if self.has(name) and _are(chromaticities, wanted))
        found = next(known, None)
        return self.canonical(found) if found else None

    def _make_processor(self, source: str, target: str) -> Any:
        try:
            processor = self._config.getProcessor(source, target)
        except BROKEN as error:
            raise ColorSpaceError(
                f"{self.name} has no way from {source!r} to {target!r}: a file or transform that it names is missing or wrong",
                remedy="check the config with `ociocheck`, or give another with --ocio",
            ) from error
        return processor.getDefaultCPUProcessor() if not processor.isNoOp() else None

    def transform(self, color: Tensor, source: str, target: str) -> Tensor:
        """Colour (3, H, W) float32 from one space to another; the same tensor where nothing changes.

        (1, H, W) passes as R = G = B. Unbounded, not multiplied by alpha. ColorSpaceError where there is no way.
        """
        if source == target:
            return color
        processor = self._processor(self.canonical(source), self.canonical(target))
        if processor is None:
            return color
        planes = color.expand(3, -1, -1) if len(color) == 1 else color
        pixels = np.ascontiguousarray(planes.detach().cpu().numpy().transpose(1, 2, 0))
        processor.applyRGB(pixels)
        result = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))).to(color.device)
        return result.mean(0, keepdim=True) if len(color) == 1 else result


def _reason(said: str) -> str:
    """Why OpenColorIO does not read a config, in words of ours."""
    if place := re.search(r"line (\d+), column (\d+)", said):
        return f"line {place[1]}, column {place[2]} is no YAML, which configs are written in"
    if version := re.search(r"is version ([\d.]+)", said):
        return f"it is of version {version[1]}, which is newer than OpenColorIO {ocio.__version__} here"
    return "it is no OpenColorIO config, or lacks what one must have"


def _are(chromaticities: str, wanted: tuple[float, ...]) -> bool:
    """Whether eight numbers, as label_of() gives them, are primaries and white of a space; files round them in their own ways."""
    try:
        got = np.array(chromaticities.split(), np.float64)
    except ValueError:  # another type of attribute under this name
        return False
    return got.shape == (8,) and bool(np.abs(got - wanted).max() < 2e-3)


def label_of(attributes: Mapping[str, Any]) -> tuple[str, str] | None:
    """The attribute by which a file says its colour space, and what it says, whether any config has it or not; None where it says none.

    Chromaticities are the last of them, as eight numbers in a text: of primaries that nobody knows a file is in a space that nobody knows.
    """
    for name in ATTRIBUTES:
        value = attributes.get(name)
        if isinstance(value, str) and value.strip():
            return name, value.strip()
    if str(attributes.get(ACES, 0)) == "1":
        return ACES, "aces2065_1"
    primaries = attributes.get(PRIMARIES_OF)
    if primaries is None:
        return None
    return PRIMARIES_OF, " ".join(
        f"{v:.6g}" if isinstance(v, int | float) else str(v)[:9] for v in np.ravel(primaries)[:8].tolist()
    )


def find_config(option: str | None = None) -> Config:
    """The config to use: --ocio, or what a host says in its place, $OCIO, the shipped one. `Config.origin` says which."""
    for text, origin in ((option, "--ocio"), (os.environ.get("OCIO"), "$OCIO")):
        if text:
            return Config(text, origin)
    return Config(str(shipped_config()), "shipped with vfxai")
