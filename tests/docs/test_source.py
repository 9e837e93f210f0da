"""What holds for every source file: its size, what constants say, what functions of arrays say."""

import ast
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("vfxai", "plugins", "examples", "tests")
SOURCES = sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py") if "__pycache__" not in p.parts)
LONGEST_FILE, LONGEST_NODE, LONGEST_FUNCTION = 400, 210, 60
"""Lines: what a reader takes in at one sitting, and on one screen and a half. A node's algorithm lies in a room, so that its file is a declaration."""
SAY_NOTHING = frozenset({"utils", "helpers", "common", "misc", "base", "core"})
"""Names of modules that do not say what is in them."""
ARRAY_ROOMS = ("image", "color", "motion", "fields", "paint", "removal", "look", "nets", "measure", "models", "session", "noise")
ARRAYS = re.compile(r"\b(Tensor|NDArray|ndarray|Pixels|Array)\b")
"""Types that do not say their axes, as Plane and Polyline of vfxai.removal do."""
AXES = re.compile(r"\((\.\.\.|[A-Za-z0-9 +*/-]+),( ?[^()]*)?\)")
"""Such as (C, H, W), (n,) and (..., 3)."""
LIKE_ANOTHER = re.compile(r"^As \w|inverse of|transpose of|As \w+\(\)")
"""What a function is told by that does what another says."""


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def of_rooms(rooms: tuple[str, ...]) -> list[Path]:
    return [p for p in SOURCES if p.relative_to(ROOT).parts[0] == "vfxai" and p.relative_to(ROOT).parts[1] in rooms]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_is_too_long() -> None:
    sources = [*SOURCES, *(ROOT / "plugins").rglob("*.[ch]")]
    lines = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in sources}
    assert not [f"{name_of(p)}: {count}" for p, count in lines.items() if count > LONGEST_FILE]
    nodes = ROOT / "vfxai/nodes"
    assert not [f"{name_of(p)}: {count}" for p, count in lines.items() if p.parent == nodes and count > LONGEST_NODE]


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [name_of(p) for p in SOURCES if p.stem in SAY_NOTHING]


def test_no_class_has_the_name_of_another() -> None:
    """But in the worker's client, which stands alone and names what travels as the other side does, and in adapters, which hosts load apart."""
    where: dict[str, list[str]] = {}
    for path in (p for p in SOURCES if p.relative_to(ROOT).parts[0] == "vfxai" and "client" not in p.parts):
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where.setdefault(node.name, []).append(name_of(path))
    assert not {name: files for name, files in where.items() if len(files) > 1}


def test_files_that_are_named_are_there() -> None:
    """Of tests, examples and pages, in sources and documents: a reader who follows a reference finds something."""
    documents = [
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "README.md",
        ROOT / "Makefile",
        *(p for p in SOURCES if p != Path(__file__)),
    ]
    lost = [
        f"{name_of(p)}: {named}"
        for p in documents
        for named in re.findall(r"\b(?:tests|examples|docs)/[\w/-]+\.(?:py|md|sh)\b", p.read_text(encoding="utf-8"))
        if not (ROOT / named).exists()
    ]
    assert not lost


def test_no_function_is_too_long() -> None:
    found = []
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    found.append(f"{name_of(path)}: {node.name} has {lines}")
    assert not found


def test_public_functions_of_arrays_say_their_axes() -> None:
    silent = []
    for path in of_rooms(ARRAY_ROOMS):
        for name, node in public_functions(tree(path).body):
            said = ast.get_docstring(node) or ""
            if takes_arrays(node) and not AXES.search(said) and not LIKE_ANOTHER.search(said):
                silent.append(f"{name_of(path)}:{node.lineno}: {name}")
    assert not silent


def public_functions(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """Those that others call, methods included; what is made of a frame's or clip's own arrays has their axes from it."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body, f"{node.name}.")
        elif (
            isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.name != "forward"
        ):  # the class of a network says it
            yield within + node.name, node


def takes_arrays(node: ast.FunctionDef) -> bool:
    """Whether a function has arrays among its parameters, or gives them."""
    hints = [a.annotation for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)] + [node.returns]
    return any(hint is not None and ARRAYS.search(ast.unparse(hint)) for hint in hints)


def test_numbers_say_why() -> None:
    """Constants that are numbers, or hold some: texts and names say themselves what they are for."""
    silent = []
    for path in (p for p in SOURCES if p.relative_to(ROOT).parts[0] == "vfxai"):
        lines, body = path.read_text(encoding="utf-8").splitlines(), tree(path).body
        for at, node in enumerate(body):
            name = constant(node)
            if name and holds_numbers(node) and not said_of(body, at) and not has_comment(node, lines):
                silent.append(f"{name_of(path)}:{node.lineno}: {name}")
    assert not silent


def constant(node: ast.stmt) -> str:
    """The name of a constant that a statement of a module makes."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    names = [t.id for t in targets if isinstance(t, ast.Name)]
    return names[0] if names and names[0].isupper() else ""


def holds_numbers(node: ast.stmt) -> bool:
    """Whether a number that somebody chose stands in a statement; 0 and 1 are no choice."""
    found = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and type(n.value) in (int, float)]
    return any(number not in (0, 1) for number in found)


def said_of(body: list[ast.stmt], at: int) -> bool:
    """Whether a text stands beneath a constant, or beneath those that follow it at once."""
    after = list(takewhile(constant, body[at:]))
    text = body[at + len(after)] if at + len(after) < len(body) else None
    return isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)


def has_comment(node: ast.stmt, lines: list[str]) -> bool:
    """Whether a comment stands in a line of a constant, or above it."""
    return any("# " in line for line in lines[max(0, node.lineno - 2) : node.end_lineno])


@pytest.mark.parametrize(
    ("source", "silent"),
    [
        ("A = 1\n'''why'''", False),
        ("A = 1\nB = 2\n'''why'''", False),
        ("A = 1\n", True),
        ("# why\nA = 1", False),
        ("A = 1\n\ndef f(): ...", True),
    ],
)
def test_a_constant_without_a_reason_is_found(source: str, silent: bool) -> None:
    body = ast.parse(source).body
    at = next(i for i, node in enumerate(body) if constant(node))
    assert (not said_of(body, at) and not has_comment(body[at], source.splitlines())) is silent
