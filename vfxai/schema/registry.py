"""The nodes there are: every Node subclass in the modules of vfxai.nodes."""

import difflib
import importlib
import pkgutil

from vfxai.errors import DeclarationError, ParameterError
from vfxai.schema.node import Node

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
    """Imports every module of the package and registers its nodes; returns the problem of each module that failed."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        name = f"{package}.{module.name}"
        try:
            found = vars(importlib.import_module(name)).values()
            for node in found:
                if isinstance(node, type) and issubclass(node, Node) and node.__module__ == name:
                    register(node)
        except Exception as error:  # noqa: BLE001  # one broken node must not take the others away
            _problems[name] = f"{type(error).__name__}: {error}"
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
    raise ParameterError(f"there is no node {name!r}{hint}", remedy=f"use one of {', '.join(names()) or 'none: run discover()'}")
