"""argparse, with errors that are ours: what is wrong, what was meant, and what to write."""

from __future__ import annotations

import difflib
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any, NoReturn

from vfxai.errors import UsageError

MISSING = "the following arguments are required: "


class Parser(ArgumentParser):
    """Raises instead of leaving the program, so that an error looks the same everywhere; takes no shortened options, which later ones would break."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "allow_abbrev": False})
        self._negative_number_matcher = re.compile(r"-[.\d]")  # frame ranges and regions such as -2-2 and -5,0,8,8 are values

    def error(self, message: str) -> NoReturn:
        """A bad command."""
        if message.startswith(MISSING):
            missing = message.removeprefix(MISSING)
            raise UsageError(f"{self.prog}: {missing} is missing", remedy=f"write {self.usage_line()}")
        said = re.sub(r"^argument ([^:]+): ", r"\1: ", message)
        raise UsageError(f"{self.prog}: {said}", remedy=f"see `{self.prog} --help`")

    def usage_line(self) -> str:
        """The command with what it cannot do without."""
        positional = [str(a.metavar or a.dest) for a in self._get_positional_actions() if a.nargs != "?"]
        return " ".join([self.prog, *positional, "[options]"])

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse, but what no option takes is an error of this sub-command that names the nearest option."""
        words = list(sys.argv[1:] if args is None else args)
        if self._subparsers is None:  # else they are words of the sub-command, which sees them itself
            self._check(words)
        found, left = super().parse_known_args(words, namespace)
        if left:
            what = f"{left[0]!r} is one word too many"
            raise UsageError(f"{self.prog}: {what}", remedy=f"write {self.usage_line()}")
        return found, left

    def _check(self, words: list[str]) -> None:
        """UsageError where there is no such option; before argparse takes the value of an unknown one for the plate."""
        known = [o for o in self._option_string_actions if o.startswith("--")]
        given = words[: words.index("--")] if "--" in words else words
        unknown = [o for o in (word.partition("=")[0] for word in given if word.startswith("--")) if o not in known]
        if unknown:
            said = "; ".join(f"there is no option {o}{nearest(o, known)}" for o in unknown)
            raise UsageError(f"{self.prog}: {said}", remedy=f"see `{self.prog} --help`")


def nearest(word: str, known: Iterable[str]) -> str:
    """A question after the word that was meant, or nothing."""
    near = difflib.get_close_matches(word, list(known), 1)
    return f", did you mean {near[0]}?" if near else ""
