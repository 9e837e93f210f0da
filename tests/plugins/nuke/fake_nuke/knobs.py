"""Knobs: they take values of their kind alone, know flags, keys and expressions, and can be changed on the main thread only."""

import json
import re
from pathlib import Path
from typing import Any

from . import facts
from .threads import main_only


class Knob:
    """What all knobs have."""

    fresh: Any = None

    def __init__(self, name: str = "", label: str = "", *rest: Any) -> None:
        if not re.fullmatch(r"[A-Za-z_][\w ]*", name):
            raise ValueError(f"a knob cannot be called {name!r}")
        self._name, self._label, self._tooltip = name, label, ""
        self.flags, self.is_enabled, self.is_visible = 0, True, True
        self._value: Any = self.fresh
        self.default: Any = self.fresh
        self.keys: dict[float, Any] = {}
        self.expression = ""
        self.owner: Any = None
        self.limits: tuple[float, float] | None = None
        if rest:
            self.setValue(rest[0])

    def Class(self) -> str:
        return type(self).__name__

    def name(self) -> str:
        return self._name

    def label(self) -> str:
        return self._label

    def node(self) -> Any:
        return self.owner

    def tooltip(self) -> str:
        return self._tooltip

    def setTooltip(self, text: str) -> None:
        self._change()
        self._tooltip = text

    def setFlag(self, flag: int) -> None:
        self._change()
        self.flags |= flag

    def clearFlag(self, flag: int) -> None:
        self._change()
        self.flags &= ~flag

    def getFlag(self, flag: int) -> bool:
        return bool(self.flags & flag)

    def setEnabled(self, enabled: bool) -> None:
        self._change()
        self.is_enabled = enabled

    def enabled(self) -> bool:
        return self.is_enabled

    def setVisible(self, visible: bool) -> None:
        self._change()
        self.is_visible = visible

    def accept(self, value: Any) -> Any:
        """The value as it is kept, or TypeError."""
        return value

    def setValue(self, value: Any, *_: Any) -> bool:
        self._change()
        self._value = self.accept(value)
        if self.owner is not None:
            self.owner.changed(self)
        return True

    def value(self, *_: Any) -> Any:
        return (
            self.getValueAt(self.owner.session.frame)
            if self.owner is not None and (self.keys or self.expression)
            else self._value
        )

    getValue = value

    def setAnimated(self, *_: Any) -> bool:
        self._change()
        self.keys = {float(self.owner.session.frame): self._value}
        return True

    def setValueAt(self, value: Any, time: float, *_: Any) -> bool:
        self._change()
        self.keys[float(time)] = self.accept(value)
        return True

    def isAnimated(self, *_: Any) -> bool:
        return bool(self.keys)

    def hasExpression(self, *_: Any) -> bool:
        return bool(self.expression)

    def setExpression(self, expression: str, *_: Any) -> bool:
        self._change()
        self.expression = expression
        return True

    def getValueAt(self, frame: float, *_: Any) -> Any:
        if self.expression:
            return self.owner.evaluate(self.expression, frame)
        if not self.keys:
            return self._value
        times = sorted(self.keys)
        before = max((t for t in times if t <= frame), default=times[0])
        after = min((t for t in times if t >= frame), default=times[-1])
        first, last = self.keys[before], self.keys[after]
        return first if before == after else first + (last - first) * (frame - before) / (after - before)

    def toScript(self, *_: Any, **__: Any) -> str:
        if self.expression:
            return "{{" + self.expression + "}}"
        if self.keys:
            return "{curve " + " ".join(f"x{t:g} {v}" for t, v in sorted(self.keys.items())) + "}"
        return json.dumps(self._value)

    def not_default(self) -> bool:
        """Whether a script would hold it."""
        return bool(self.expression or self.keys or self._value != self.default)

    def _change(self) -> None:
        main_only(f"the knob {self._name} was changed")
        if self.owner is not None:
            self.owner.check()


class Array_Knob(Knob):
    fresh = 0.0

    def accept(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{self._name} takes a number, got {value!r}")
        return float(value)

    def setRange(self, low: float, high: float) -> None:
        self._change()
        self.limits = (low, high)


class Double_Knob(Array_Knob): ...


class Int_Knob(Array_Knob):
    fresh = 0

    def accept(self, value: Any) -> int:
        return int(super().accept(value))


class FrameExtentKnob(Array_Knob): ...


class ColorChip_Knob(Int_Knob): ...


class _Several(Array_Knob):
    count = 4

    def __init__(self, name: str = "", label: str = "") -> None:
        self.fresh = [0.0] * self.count
        super().__init__(name, label)

    def accept(self, value: Any) -> list[float]:
        values = [float(v) for v in (value if isinstance(value, list | tuple) else [value] * self.count)]
        if len(values) != self.count:
            raise TypeError(f"{self._name} takes {self.count} numbers, got {value!r}")
        return values


class AColor_Knob(_Several): ...


class BBox_Knob(_Several): ...


class WH_Knob(_Several):
    count = 2


class Boolean_Knob(Array_Knob):
    fresh = False

    def accept(self, value: Any) -> bool:
        if not isinstance(value, bool | int):
            raise TypeError(f"{self._name} is on or off, got {value!r}")
        return bool(value)


class Disable_Knob(Boolean_Knob): ...


class Enumeration_Knob(Knob):
    """One of several words; `values` of None are those of the OCIO config, which are not checked."""

    fresh = ""

    def __init__(self, name: str = "", label: str = "", values: list[str] | None = None) -> None:
        self.words = values
        super().__init__(name, label)
        self._value = self.default = values[0] if values else ""

    def values(self) -> list[str]:
        return list(self.words or [])

    def accept(self, value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and self.words:
            return self.words[value]
        if not isinstance(value, str) or (self.words is not None and value not in self.words):
            raise TypeError(f"{self._name} is one of {self.words}, got {value!r}")
        return value

    def index(self) -> int:
        """As expressions see it."""
        return self.words.index(self._value) if self.words else 0


class String_Knob(Knob):
    fresh = ""

    def accept(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(f"{self._name} takes text, got {value!r}")
        return value

    def getText(self, *_: Any) -> str:
        return str(self._value)


class Font_Knob(String_Knob): ...


class Channel_Knob(String_Knob): ...


class ChannelMask_Knob(Channel_Knob): ...


class EvalString_Knob(String_Knob): ...


class Multiline_Eval_String_Knob(EvalString_Knob): ...


class File_Knob(EvalString_Knob):
    def getEvaluatedValue(self, *_: Any) -> str | None:
        """With expressions in brackets carried out; the frame's place stays as it is."""
        return re.sub(r"\[value root\.(\w+)\]", lambda m: str(self.owner.session.root[m[1]].value()), self._value) or None

    def fromUserText(self, text: str) -> None:
        """As if a person had typed it: a Read finds the frames and the format."""
        self._change()
        if "\\" in text:
            raise ValueError("Nuke writes paths with /")
        self.setValue(text)
        if self.owner.Class() == "Read":
            self.owner.found()


class Format_Knob(Knob): ...


class MultiView_Knob(String_Knob): ...


class Script_Knob(String_Knob):
    def execute(self) -> None:
        main_only(f"the button {self._name} was pressed")
        if self._value:
            self.owner.session.run_button(self)


class PyScript_Knob(Script_Knob): ...


class PythonKnob(String_Knob): ...


class Tab_Knob(Knob): ...


class Text_Knob(String_Knob): ...


class Opaque_Knob(Knob):
    """Of a class that nothing here sets."""

    def setValue(self, value: Any, *_: Any) -> bool:
        raise TypeError(f"this stand-in does not know how {self._name} is set")


def made(kind: str, owner_class: str, name: str) -> Knob:
    """A built-in knob of a node."""
    maker = globals().get(kind, Opaque_Knob)
    if kind == "Enumeration_Knob":
        knob = Enumeration_Knob(name, "", facts.ENUMERATIONS.get((owner_class, name)))
    elif kind == "Link_Knob":
        knob = Opaque_Knob(name)
    else:
        knob = maker(name.replace("\n", " "))
    value = facts.DEFAULTS.get((owner_class, name))
    if value is not None:
        knob._value = knob.default = value
    return knob


def exists(path: str) -> bool:
    """Whether a file is there."""
    return Path(path).is_file()
