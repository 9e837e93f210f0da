"""Which views of stereo files a job works on: all that they hold, unless a layer or --views says otherwise; and what the files of each are called."""

from pathlib import Path

from vfxai.engine.recipe import Recipe
from vfxai.errors import InputError, ParameterError
from vfxai.image.files import is_exr, read_header
from vfxai.image.header import Header
from vfxai.image.layers import choose_layer, views_of
from vfxai.image.sequence import Pattern
from vfxai.image.views import has_views, of_view
from vfxai.schema.node import Node
from vfxai.schema.parameters import FileParameter


def asked_views(recipe: Recipe) -> tuple[str, ...]:
    """The views that --views names."""
    return tuple(dict.fromkeys(view.strip() for view in recipe.job.views.split(",") if view.strip()))


def views_held(recipe: Recipe) -> tuple[str, ...]:
    """The views that the first file of a source holds; () where it holds one picture, or there is no file."""
    first = next(iter(Pattern.parse(recipe.source).settled().files.values()), None)
    return views_of(read_header(first)) if first is not None and is_exr(first) else ()


def stereo_views(recipe: Recipe) -> tuple[str, ...]:
    """The views to work on, the one that is shown by default first; () where the files hold no views, or --layer names one itself.

    ParameterError where --views names one that is not there, or the output cannot hold several.
    """
    pattern, asked = Pattern.parse(recipe.source).settled(), asked_views(recipe)
    first = next(iter(pattern.files.values()), None)
    header = read_header(first) if first is not None and is_exr(first) else None
    there = views_of(header) if header else ()
    if unknown := [v for v in asked if v not in there]:
        some = f"choose of: {', '.join(there)}" if there else "leave out --views; the files hold one picture"
        raise ParameterError(f"views: {recipe.source} holds no view {', '.join(unknown)}", remedy=some)
    layer = recipe.job.layer
    if header is None or layer in there:
        return ()
    views = tuple(v for v in there if v in asked or not asked)
    if layer:
        views = tuple(v for v in views if _has(header, layer, v))
    if len(views) > 1 and Pattern.parse(recipe.output).path(0).suffix.lower() != ".exr":
        raise ParameterError(
            f"{recipe.output} holds one picture, and {recipe.source} the views {', '.join(views)}",
            remedy="write .exr, or %V in the output, or choose one with --views",
        )
    return views


def path_of_view(path: str, view: str, *, apart: bool = False) -> str:
    """The path of a view's own file: with the view's name in the place of %V, else as it is, or before its suffix where the views must be kept `apart`."""
    if not path or has_views(path) or not apart:
        return of_view(path, view)
    return str(Path(path).with_name(f"{Path(path).stem}.{view}{Path(path).suffix}"))


def node_of_view(node: Node, view: str, *, apart: bool = False) -> Node:
    """A node with the files that it reads and writes besides frames called as those of one view; what it writes is kept `apart` from other views' if so said."""
    files = {name: one for name, one in node.parameters().items() if isinstance(one, FileParameter)}
    paths = {name: path_of_view(getattr(node, name), view, apart=apart and one.writes) for name, one in files.items()}
    return node.replaced(**paths) if paths else node


def _has(header: Header, layer: str, view: str) -> bool:
    """Whether a view has a layer of this name."""
    try:
        return choose_layer(header, layer, view).layer.view == view
    except InputError:
        return False
