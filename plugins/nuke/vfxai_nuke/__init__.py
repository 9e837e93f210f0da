"""vfxai's nodes in Nuke: Groups made of the nodes' descriptions, rendered by vfxai's own process. Python 3.9, standard library only."""

from __future__ import annotations


def install() -> None:
    """Once a session, with and without a window: renders are guarded, and what is in work ends with the script."""
    from . import guard

    guard.install()


def install_menu() -> None:
    """The menu vfxai in the Nodes toolbar, one entry a node."""
    import nuke

    from . import group, table

    menu = nuke.menu("Nodes").addMenu("vfxai")
    for panel in table.panels():
        menu.addCommand(panel["title"], lambda node=panel["id"]: group.create(node))
