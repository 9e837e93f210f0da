"""`vfxai plugins HOST --output DIR`: what a studio puts on a host's plug-in path, made of the nodes there are."""

from __future__ import annotations

import json
import shutil
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import _SubParsersAction

TARGETS = ("here", "linux", "windows", "macos", "all")
PACKAGE = Path(__file__).resolve().parents[1]


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command, with one of its own for each host."""
    parser = subparsers.add_parser("plugins", help="make the plug-in folder of a host", description=__doc__)
    hosts = parser.add_subparsers(dest="host", required=True, metavar="HOST")
    nuke = hosts.add_parser("nuke", help="for Nuke 14 to 17: put the folder on NUKE_PATH")
    nuke.add_argument("--output", type=Path, required=True, metavar="DIR", help="the folder; an older one of vfxai is replaced")
    nuke.set_defaults(run=run, make=make_nuke)
    ofx = hosts.add_parser("ofx", help="live nodes for Nuke, Resolve, Fusion, Natron, Flame and other OFX hosts, as one bundle")
    ofx.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder in which vfxai.ofx.bundle is made")
    ofx.add_argument(
        "--target",
        action="append",
        choices=TARGETS,
        help="system to build for, may be repeated (here); all but `here` need ziglang, and `all` is linux, windows and macos",
    )
    ofx.set_defaults(run=run, make=make_ofx)
    blender = hosts.add_parser("blender", help="for Blender 4.2 to 5.2: an extension")
    blender.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="the folder; an older one of vfxai is replaced"
    )
    blender.set_defaults(run=run, make=make_blender)
    for host in (nuke, ofx, blender):
        host.add_argument("--executable", default="", metavar="PATH", help="the vfxai that the host shall start (this one)")


def run(options: Namespace) -> int:
    """Makes the folder of the host."""
    print(options.make(options))
    return 0


def make_nuke(options: Namespace) -> str:
    """Adapter, table of the nodes and the worker's client in one folder that needs nothing else of vfxai to be imported."""
    folder: Path = options.output
    table = {"version": _version(), "executable": options.executable or _executable(), **nuke_table()}
    replace(folder, "vfxai_nuke", source("nuke"), "vfxai_nuke", table)
    return f"{folder} is made for {len(table['nodes'])} nodes; put it on NUKE_PATH"


def make_blender(options: Namespace) -> str:
    """Adapter, table of the nodes and the worker's client, as a folder that Blender's own tool builds an extension of."""
    from vfxai.schema import registry
    from vfxai.schema.description import describe
    from vfxai.surfaces.blender import panel

    registry.discover()
    folder: Path = options.output
    nodes = [panel(describe(registry.get(name))) for name in registry.names()]
    table = {"version": _version(), "executable": options.executable or _executable(), "nodes": nodes}
    replace(folder, "client", source("blender"), "", table)
    return f"{folder} is made for {len(nodes)} nodes; build it with `blender --command extension build --source-dir {folder}`"


def make_ofx(options: Namespace) -> str:
    """Compiles the bundle for its targets."""
    from vfxai.surfaces import ofx_bundle

    given = options.target or ["here"]
    targets = list(dict.fromkeys(t for one in given for t in (("linux", "windows", "macos") if one == "all" else (one,))))
    bundle = ofx_bundle.build(source("ofx"), options.output, targets, executable=options.executable or _executable())
    built = ", ".join(f"{name} ({ofx_bundle.TARGETS[name].folder})" for name in targets)
    return f"{bundle} is made, version {_version()}, for {built}; put it on OFX_PLUGIN_PATH or where the host looks for plug-ins"


def nuke_table() -> dict[str, Any]:
    """The panels of all nodes, the knobs of the options that they share, and the engines of farms."""
    from vfxai.cli.farm import TO
    from vfxai.errors import ModelError
    from vfxai.models.store import Store
    from vfxai.schema import registry
    from vfxai.schema.description import describe
    from vfxai.schema.job import describe_job
    from vfxai.surfaces.nuke import job_knobs, panel
    from vfxai.surfaces.ofx import placing, radius_of

    registry.discover()
    store, licenses = Store(), {}
    nodes = [registry.get(name) for name in registry.names()]
    for model in {m for node in nodes for m in node.models}:
        try:
            licenses[model] = store.manifest(model).licence
        except ModelError:  # the panel says that it is unknown; rendering says what is wrong
            continue
    panels = []
    for node in nodes:
        about = describe(node)
        panels.append(panel(about, licenses, placing(node).by_file, radius_of(node, about["window"])))
    return {"nodes": panels, "job": job_knobs(describe_job()), "engines": list(TO)}


def source(host: str) -> Path:
    """The adapter's files: inside the package of a wheel, else in the checkout."""
    inside = PACKAGE / "_plugins" / host
    return inside if inside.is_dir() else PACKAGE.parent / "plugins" / host


def replace(folder: Path, marker: str, adapter: Path, package: str, table: dict[str, Any]) -> None:
    """Puts an adapter's files, with client and table in its `package`, into a folder that is new, empty, or an older one of ours, told by the entry `marker`.

    All of it is made beside the folder first: an older one stays as it is until the new one is whole.
    """
    from vfxai.errors import OutputError, ParameterError, reason
    from vfxai.image.partial import part_of

    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / marker).is_dir())):
        raise ParameterError(f"{folder} holds something else", remedy="give --output a new or an empty folder")
    made = part_of(folder)
    try:
        ignore = shutil.ignore_patterns("__pycache__", "*.pyc", ".mypy_cache", "*.ini")
        shutil.copytree(adapter, made, ignore=ignore)
        shutil.copytree(PACKAGE / "worker/client", made / package / "client", ignore=ignore)
        (made / package / "nodes.json").write_text(json.dumps(table, indent=1), encoding="utf-8")
        folder.mkdir(parents=True, exist_ok=True)
        for entry in made.iterdir():
            if (folder / entry.name).is_dir():
                shutil.rmtree(folder / entry.name)
            entry.replace(folder / entry.name)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written: {reason(error)}", remedy="check the path, free space and permission"
        ) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _version() -> str:
    from vfxai import __version__

    return __version__


def _executable() -> str:
    """The program that runs now, or the one beside this Python."""
    here = Path(sys.argv[0])
    beside = Path(sys.executable).with_name("vfxai")
    return str(here.absolute() if here.name == "vfxai" and here.is_file() else beside)
