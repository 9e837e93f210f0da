"""A device that is none: its tensors lie in the memory of the CPU, and raise wherever a GPU's would, when they meet those of the CPU.

Its name is "meta", because torch makes no tensors on a GPU where there is none; its values are real.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

STANDIN = torch.device("meta")
ACROSS = {
    torch.ops.aten._to_copy.default,
    torch.ops.aten.copy_.default,
    torch.ops.aten.index.Tensor,
    torch.ops.aten.index_put_.default,
}
"""What a GPU's tensors may do together with the CPU's: copies, and being indexed."""


came_down: list[tuple[int, ...]] = []
"""Shapes of what was copied from the stand-in device to the CPU, for tests to empty and to read."""


class MixedDevicesError(RuntimeError):
    """Tensors of two devices met."""


class StandIn(Tensor):
    """A tensor on the stand-in device."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> "StandIn":
        layout = {} if held.layout != torch.strided else {"strides": held.stride(), "storage_offset": held.storage_offset()}
        made = Tensor._make_wrapper_subclass(cls, held.size(), dtype=held.dtype, device=STANDIN, **layout)
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(cls, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return dispatched(func, args, kwargs or {})

    def tolist(self) -> Any:
        """As a GPU's: a copy in Python's numbers."""
        return self.held.tolist()

    def __repr__(self) -> str:
        return f"StandIn({tuple(self.held.shape)})"


def dispatched(func: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """Runs an operation in the memory of the CPU, and says where its result lies."""
    flat = tree_flatten((args, kwargs))[0]
    if func is torch.ops.aten._to_copy.default and isinstance(args[0], StandIn) and kwargs.get("device") == torch.device("cpu"):
        came_down.append(tuple(args[0].shape))
    there = [t for t in flat if isinstance(t, StandIn)]
    here = [t for t in flat if isinstance(t, Tensor) and not isinstance(t, StandIn) and t.dim()]
    if there and here and func not in ACROSS:
        raise MixedDevicesError(f"{func}: {[tuple(t.shape) for t in there]} there, {[tuple(t.shape) for t in here]} on the CPU")
    wrappers = {id(t.held): t for t in there}
    stays = bool(there)
    if func is torch.ops.aten.copy_.default:
        stays = isinstance(args[0], StandIn)
    device = kwargs.get("device")
    if device is not None:
        stays = torch.device(device) == STANDIN
        kwargs = {**kwargs, "device": torch.device("cpu")}
    held_args, held_kwargs = tree_map(lambda t: t.held if isinstance(t, StandIn) else t, (args, kwargs))
    result = func(*held_args, **held_kwargs)

    def placed(value: Any) -> Any:
        if not isinstance(value, Tensor) or not stays:
            return value
        known = wrappers.get(id(value))
        return StandIn(value) if known is None else known

    return tree_map(placed, result)


class _Dispatch(TorchDispatchMode):
    """Makes tensors on the stand-in device, and moves them to it."""

    def __torch_dispatch__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return dispatched(func, args, kwargs or {})


class _FromNumbers(TorchFunctionMode):
    """torch.tensor() of Python's numbers does not come by where the other mode would see it."""

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.tensor and kwargs.get("device") is not None and torch.device(kwargs["device"]) == STANDIN:
            kwargs["device"] = "cpu"
            return torch.tensor(*args, **kwargs).to(STANDIN)
        if func is Tensor.new_tensor and isinstance(args[0], StandIn):
            return torch.tensor(args[1], dtype=kwargs.get("dtype", args[0].dtype)).to(STANDIN)
        return func(*args, **kwargs)


@contextmanager
def on_stand_in() -> Iterator[None]:
    """Inside, in this thread, there is the stand-in device."""
    with _FromNumbers(), _Dispatch():
        yield
