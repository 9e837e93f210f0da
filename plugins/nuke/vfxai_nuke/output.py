"""Where a result goes: beside the script, named by the script's version; never silently over what something else made."""

from __future__ import annotations

import contextlib
import errno
import getpass
import json
import os
import re
import socket
import time

import nuke

from . import knobs, paths
from .telling import Refusal, agreed


def pattern(group: nuke.Group) -> str:
    """Absolute pattern of the result with %04d, and %V where the script has several views."""
    typed = knobs.absolute(str(group["vfxai_output"].getEvaluatedValue() or ""))  # type: ignore[attr-defined]  # a File_Knob
    several = len(nuke.views()) > 1
    if typed:
        _folder, slash, name = typed.rpartition("/")
        if not slash or not os.path.isabs(typed):
            raise Refusal(f"{typed} says no folder", "Write Output as an absolute path, or save the script first.")
        if not paths.PADDING.search(name):
            raise Refusal(f"{typed} has no place for a frame number", "Write Output as name.%04d.exr.")
        if several and "%V" not in typed and "%v" not in typed:
            raise Refusal(f"{typed} is one place for {len(nuke.views())} views", "Write %V in Output.")
        return typed
    script = str(nuke.root()["name"].value() or "").replace("\\", "/")
    if not script or not os.path.isabs(script):
        raise Refusal(
            "the script is not saved, so there is no place and no version for the result",
            "Save it, or fill in Output on the Render tab.",
        )
    version = os.path.splitext(os.path.basename(script))[0]
    node = re.sub(r"\W", "_", group.fullName())
    return "{0}/vfxai/{1}/{2}/{1}_{2}{3}.%04d.exr".format(os.path.dirname(script), version, node, ".%V" if several else "")


def private_folder(result: str, group: nuke.Group) -> str:
    """Where what belongs to a result lies that is not for artists: exported frames, recipe, who made it. Reachable from a farm as the result is."""
    return "{}/nuke-{}".format(_beside(result), re.sub(r"\W", "_", group.fullName()))


def _beside(result: str) -> str:
    """The hidden folder beside a result, above the folders of its views."""
    return os.path.dirname(re.split("%[Vv]", result)[0] + "x") + "/.vfxai"


def _named(result: str, ending: str) -> str:
    """A file about a result, whoever makes it."""
    return "{}/{}.{}".format(_beside(result), re.sub(r"\W", "_", os.path.basename(result)), ending)


def user() -> str:
    """The name of who works here."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name, as containers have them
        return "somebody"


def identity(group: nuke.Group) -> dict[str, str]:
    """Whose result this is."""
    return {"script": str(nuke.root()["name"].value()), "node": group.fullName()}


def record(result: str) -> dict[str, object]:
    """What is written down of who made a result last, and of what; empty where nothing is."""
    return _load(_named(result, "made.json")) or {}


def check(group: nuke.Group, result: str, views: list[str]) -> bool:
    """Whether to write over frames that another node, script or program made: false where there are none, true where a person agrees.

    Refusal where there are some and nobody agrees.
    """
    there = [v for v in views if paths.on_disk(paths.of_view(result, v))]
    if not there:
        return False
    made = record(result)
    if {name: made.get(name) for name in ("script", "node")} == identity(group):
        return False
    owner = "{} of {}".format(made["node"], made["script"]) if made.get("node") else "something else"
    question = f"{os.path.dirname(paths.of_view(result, there[0]))} holds frames that {owner} made"
    if not agreed(question + ".\n\nWrite over them?"):
        raise Refusal(question, "Save the script as a new version, or choose another Output on the Render tab.")
    return True


class Claim:
    """One render at a time in one place, on whatever machine: a file that says who is at work there."""

    def __init__(self, group: nuke.Group, result: str) -> None:
        self.path, self._record = _named(result, "rendering"), _named(result, "made.json")
        self._who = {
            **identity(group),
            "user": user(),
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "since": time.strftime("%Y-%m-%d %H:%M"),
        }

    def take(self) -> None:
        """Refusal where somebody else renders there now. What a session of this machine left behind that is no more is taken over."""
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            for _ in range(2):
                try:
                    handle = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
                except OSError as error:
                    if error.errno != errno.EEXIST:
                        raise
                    other = _load(self.path)
                    if other is None or not self._is_gone(other):
                        raise self._taken(other or {}) from None
                    os.unlink(self.path)
                    continue
                with os.fdopen(handle, "w", encoding="utf-8") as stream:
                    json.dump(self._who, stream)
                return
        except OSError as error:
            raise Refusal(
                f"{os.path.dirname(self.path)} cannot be written to: {error}",
                "Check the path, free space and permission, or choose another Output.",
            ) from error
        raise self._taken(_load(self.path) or {})

    def made(self, **facts: object) -> None:
        """Writes down that what lies there is this node's, and of what it was made. Where that fails, a person is asked next time."""
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(self._record), exist_ok=True)
            with open(self._record, "w", encoding="utf-8") as stream:
                json.dump({**self._who, **facts}, stream)

    def release(self) -> None:
        """Gives the place free."""
        with contextlib.suppress(OSError):
            os.unlink(self.path)

    def _is_gone(self, other: dict[str, object]) -> bool:
        if other.get("host") != self._who["host"] or os.name == "nt":  # there os.kill() ends the process that it asks about
            return False
        try:
            os.kill(int(str(other.get("pid"))), 0)
        except (ProcessLookupError, ValueError, OverflowError):
            return True
        except OSError:  # it is somebody else's, and there
            return False
        return False

    def _taken(self, other: dict[str, object]) -> Refusal:
        who = "{} on {} since {}".format(
            other.get("user", "somebody"), other.get("host", "another machine"), other.get("since", "some time")
        )
        return Refusal(
            "{} is being rendered by {} ({})".format(os.path.dirname(self.path), who, other.get("node", "unknown node")),
            f"Wait, choose another Output, or, if that render is dead, remove {self.path}",
        )


def _load(path: str) -> dict[str, object] | None:
    try:
        with open(path, encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
