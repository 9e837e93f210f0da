"""The nodes there are: every Node subclass in the modules of vfxai.nodes, and in what other packages name as entry points."""

import difflib
import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType

from vfxai.errors import DeclarationError, ParameterError
from vfxai.schema.kind import shown
from vfxai.schema.node import Node

GROUP = "vfxai.nodes"
"""Of entry points, by which a package brings nodes of its own."""
_nodes: dict[str, type[Node]] = {}
_problems: dict[str, str] = {}


def register(node: type[Node]) -> type[Node]:
    """Adds a node; DeclarationError where its id or an alias is taken."""
    for name in (node.id, *node.aliases):
        other = _nodes.get(name)
        if other is not None and other is not node:
            raise DeclarationError(f"{node.__module__}: the name {name!r} is taken by {other.__module__}")
    _nodes.update(dict.fromkeys((node.id, *node.aliases), node))
    return node


def discover(package: str = "vfxai.nodes") -> dict[str, str]:
    """Imports every module of the package and of the entry points, and registers their nodes; the problem of each that failed, by name."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        name = f"{package}.{module.name}"
        with _left_out(name):
            _register_all(importlib.import_module(name))
    _discover_installed()
    return dict(_problems)


def load(module: str) -> None:
    """Imports one more module and registers its nodes. Raises what the import does."""
    _register_all(importlib.import_module(module))


@cache
def _discover_installed() -> None:
    """Nodes of installed packages: entry points of the group vfxai.nodes, each a module or a Node class. What is installed does not change in a process."""
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP):
        with _left_out(f"{point.name} = {point.value}"):
            found = point.load()
            if isinstance(found, ModuleType):
                _register_all(found)
            elif isinstance(found, type) and issubclass(found, Node):
                register(found)
            else:
                raise DeclarationError(f"{point.value} is neither a module nor a node", remedy="name a module, or module:Class")


def _register_all(module: ModuleType) -> None:
    """The nodes that a module itself defines."""
    for found in list(vars(module).values()):
        if isinstance(found, type) and issubclass(found, Node) and found.__module__ == module.__name__:
            register(found)


@contextmanager
def _left_out(name: str) -> Iterator[None]:
    """Keeps the problem of a module: one broken node must not take the others away."""
    try:
        yield
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever a stranger's module raises
        _problems[name] = f"{type(error).__name__}: {error}"


def problems() -> dict[str, str]:
    """Why each module or entry point that failed is left out, by name."""
    return dict(_problems)


def names() -> list[str]:
    """Ids of all registered nodes, sorted, without aliases."""
    return sorted({node.id for node in _nodes.values()})


def get(name: str) -> type[Node]:
    """The node of an id or alias; ParameterError with the nearest name where there is none."""
    if name in _nodes:
        return _nodes[name]
    near = difflib.get_close_matches(name, _nodes, 1)
    hint = f", did you mean {near[0]!r}?" if near else ""
    lost = "; ".join(f"{n} is left out: {why}" for n, why in _problems.items())
    raise ParameterError(
        f"there is no node {shown(name)}{hint}" + (f" ({lost})" if lost else ""),
        remedy=f"use one of {', '.join(names()) or 'none: run discover()'}",
    )
