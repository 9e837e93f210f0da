"""An instance of an effect in the strict host, driven as hosts drive it: every action in order, renders after what they need was announced."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.plugins.ofx.effect import Clip, Effect, Parameters, Value, initial, instance_properties
from tests.plugins.ofx.pictures import GUARD, Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.plugins.ofx.host import Plugin

ACTION = "OfxImageEffectAction"


class Instance(Effect):
    """Made with its clips; `render` gives pixels (H, W, C), the top row first."""

    def __init__(self, plugin: Plugin, clips: Mapping[str, Clip], context: str = "General", config: str | None = None) -> None:
        host, personality = plugin.host, plugin.host.personality
        described = plugin.describe_in(context)
        style = personality.host["OfxImageEffectPropColourManagementStyle"]
        source = clips["Source"]
        region = source.region(source.first)
        super().__init__(
            host, plugin, instance_properties(described.context, (region[2], region[3]), style, config), described.context
        )
        self.is_instance = True
        self.clips = {name: clips.get(name) or self._unconnected(name, source) for name in described.clips if name != "Output"}
        self.source = source
        self._now = threading.local()
        self.parameters = Parameters()
        for name, held in described.parameters.defined.items():
            kind = held.get("OfxParamPropType")
            if kind in ("OfxParamTypeGroup", "OfxParamTypePushButton"):
                self.parameters.values[name] = Value(name, kind, held, None)
                continue
            limits = None
            if personality.limits and kind in ("OfxParamTypeDouble", "OfxParamTypeInteger"):
                limits = (held.get("OfxParamPropMin", personality.limits[0]), held.get("OfxParamPropMax", personality.limits[1]))
            self.parameters.values[name] = Value(name, kind, held, initial(held), limits)
        self._clip_output((0, 0, 1, 1), Picture(np.zeros((1, 1, 4), np.float32)))
        self._status = self._act("OfxActionCreateInstance")

    def _unconnected(self, name: str, source: Clip) -> Clip:
        lies = self.host.personality.masks_lie

        def black(time: float) -> Picture | None:
            like = source.pictures(time) if lies == "black" else None
            return None if like is None else Picture(np.zeros((*like.pixels.shape[:2], 1), np.float32), like.origin, like.layout)

        clip = Clip(name, black, source.first, source.last, connected=lies == "black", aspect=source.aspect, scale=source.scale)
        if lies:
            clip.properties.values["OfxImageClipPropConnected"] = [1]
        return clip

    def _act(self, action: str, values: dict[str, Any] | None = None, **about: Any) -> int:
        inside, out = self.plugin.arguments(action, values or {})
        self._now.answer = out.values if out else {}
        return self.host.call(self.plugin.struct, action, self, inside, out, **about)

    @property
    def answer(self) -> dict[str, list[Any]]:
        """Out arguments of the last action of this thread."""
        found: dict[str, list[Any]] = self._now.answer
        return found

    @property
    def output(self) -> Clip:
        """The output clip of the render of this thread."""
        found: Clip = getattr(self._now, "output", None) or self.clips["Output"]
        return found

    # values

    def set(self, name: str, value: Any) -> None:
        """As a user does, with the actions that follow."""
        self.parameters.values[name].value = value
        self._changed(name)

    def press(self, name: str, time: float = 0.0) -> int:
        """A push button."""
        assert self.parameters.values[name].type == "OfxParamTypePushButton"
        return self._changed(name, time)

    def value(self, name: str) -> Any:
        return self.parameters.values[name].at(0.0)

    def _changed(self, name: str, time: float = 0.0) -> int:
        reason = {"OfxPropChangeReason": "OfxChangeUserEdited"}
        self._act("OfxActionBeginInstanceChanged", dict(reason))
        values = {
            **reason,
            "OfxPropType": "OfxTypeParameter",
            "OfxPropName": name,
            "OfxPropTime": time,
            "OfxImageEffectPropRenderScale": (1.0, 1.0),
        }
        status = self._act("OfxActionInstanceChanged", values, time=time)
        self._act("OfxActionEndInstanceChanged", dict(reason))
        return status

    def save(self) -> dict[str, Any]:
        """Values by name, as a script keeps them, after the plug-in was asked for its private data."""
        if self.host.personality.syncs:
            self._act("OfxActionSyncPrivateData")
        return {name: held.value for name, held in self.parameters.values.items() if held.value is not None}

    def restore(self, values: Mapping[str, Any]) -> None:
        """From what save() gave; what a newer version no longer has is left out."""
        for name, value in values.items():
            if name in self.parameters.values:
                self.parameters.values[name].value = value

    def destroy(self) -> int:
        return self._act("OfxActionDestroyInstance")

    # what a host asks before it renders

    def frames_needed(self, time: float) -> dict[str, list[tuple[float, float]]]:
        """Ranges by clip."""
        self._act(f"{ACTION}GetFramesNeeded", {"OfxPropTime": time}, time=time)
        answer = self.answer
        found = {}
        for name in self.clips:
            given = answer.get(f"OfxImageClipPropFrameRange_{name}", [time, time])
            if len(given) % 2:
                self.host.fault(f"the frames needed of {name} are {given}")
            found[name] = list(zip(given[::2], given[1::2], strict=False))
        return found

    def region_of_definition(self, time: float, scale: float = 1.0) -> tuple[float, ...]:
        """Canonical, as the plug-in says, else the union of the clips."""
        status = self._act(
            f"{ACTION}GetRegionOfDefinition", {"OfxPropTime": time, "OfxImageEffectPropRenderScale": (scale, scale)}, time=time
        )
        found = self.answer.get("OfxImageEffectPropRegionOfDefinition")
        return tuple(found) if status == 0 and found else self.source.region(time)

    def regions_of_interest(self, time: float) -> dict[str, Any]:
        region = {"OfxImageEffectPropRegionOfInterest": (0.0, 0.0, 1.0, 1.0)}
        self._act(
            f"{ACTION}GetRegionsOfInterest",
            {"OfxPropTime": time, "OfxImageEffectPropRenderScale": (1.0, 1.0), **region},
            time=time,
        )
        return dict(self.answer)

    def preferences(self) -> dict[str, Any]:
        self._act(f"{ACTION}GetClipPreferences")
        return dict(self.answer)

    def identity(self, time: float) -> tuple[str, float] | None:
        """Clip and time, where the plug-in says that it does nothing."""
        values = {"OfxPropTime": time, "OfxImageEffectPropFieldToRender": "OfxFieldNone", "OfxImageEffectPropRenderWindow": (0, 0, 1, 1),
                  "OfxImageEffectPropRenderScale": (1.0, 1.0)}  # fmt: skip
        if self._act(f"{ACTION}IsIdentity", values, time=time) != 0:
            return None
        answer = self.answer
        return answer["OfxPropName"][0], answer.get("OfxPropTime", [time])[0]

    # rendering

    def _clip_output(self, window: tuple[int, int, int, int], picture: Picture) -> None:
        clip = Clip(
            "Output",
            lambda time: picture,
            self.source.first,
            self.source.last,
            aspect=self.source.aspect,
            scale=self.source.scale,
        )
        clip.output_window = window
        self._now.output = self.clips["Output"] = clip

    def render(self, time: float, window: tuple[int, int, int, int] | None = None, expect: int = 0) -> NDArray[np.float32]:
        """The frame as a viewer shows it; pixels outside of the window are GUARD."""
        host, source = self.host, self.source
        picture = source.pictures(time)
        if host.personality.asks_identity and (same := self.identity(time)) is not None:
            assert same == ("Source", time)
            assert picture is not None
            return picture.read()
        announced = self.frames_needed(time)
        bounds = picture.bounds if picture else (0, 0, 8, 8)
        if not host.personality.fixed_size:
            region = self.region_of_definition(time, source.scale)
            aspect = self.preferences().get("OfxImageClipPropPAR_Output", [source.aspect])[0]
            across = source.scale / aspect
            bounds = tuple(int(np.floor(v * s + 0.5)) for v, s in zip(region, (across, source.scale) * 2, strict=True))  # type: ignore[assignment]
        channels = picture.pixels.shape[2] if picture else 4
        empty = np.full((bounds[3] - bounds[1], bounds[2] - bounds[0], channels), GUARD, np.float32)
        output = Picture(empty, bounds[:2], host.personality.layout)
        window = window or bounds
        self._clip_output(window, output)
        values = {"OfxPropTime": time, "OfxImageEffectPropFieldToRender": "OfxFieldNone", "OfxImageEffectPropRenderWindow": window,
                  "OfxImageEffectPropRenderScale": (source.scale, source.scale), "OfxImageEffectPropSequentialRenderStatus": 0,
                  "OfxImageEffectPropInteractiveRenderStatus": 1, "OfxImageEffectPropRenderQualityDraft": 0}  # fmt: skip
        sequence = {"OfxImageEffectPropFrameRange": (time, time), "OfxImageEffectPropFrameStep": 1.0, "OfxPropIsInteractive": 1,
                    "OfxImageEffectPropRenderScale": (source.scale, source.scale)}  # fmt: skip
        self._act(f"{ACTION}BeginSequenceRender", dict(sequence), time=time)
        status = self._act(f"{ACTION}Render", values, time=time, announced=announced)
        self._act(f"{ACTION}EndSequenceRender", dict(sequence), time=time)
        if status != expect:
            raise AssertionError(f"render answers {status}: {host.messages[-1:]} {host.faults}")
        return output.read()
