"""Renders without a window: nuke -t DIR/vfxai_nuke/headless.py [--save] SCRIPT.nk [GROUP ...], for farms and the night.

The script is left as it is; Reload result on a Group shows what was made. --save writes into it what its Groups then show, for a render of
its Writes that follows.
"""

from __future__ import annotations

import os
import sys

import nuke


def render(names: list[str] | None = None) -> int:
    """Renders the named Groups, or all whose result is missing or stale, in the order that they depend on each other; the exit code."""
    from vfxai_nuke import group as groups
    from vfxai_nuke import jobs, plan, state
    from vfxai_nuke.guard import upstream
    from vfxai_nuke.telling import Refusal

    there = {g.fullName(): g for g in groups.ours()}
    unknown = sorted(set(names or ()) - set(there))
    if unknown:
        sys.stderr.write(
            "vfxai: there is no {}; the script has {}\n".format(", ".join(unknown), ", ".join(sorted(there)) or "none")
        )
        return 2
    wanted = names or list(there)
    above = {name: {g.fullName() for g in upstream(there[name])} for name in wanted}
    failed = 0
    for name in sorted(wanted, key=lambda n: len(above[n])):
        group = there[name]
        if not names and group["vfxai_has_result"].value() and group["vfxai_hash"].value() == state.of(group):
            print("vfxai {}: nothing to do, {} done".format(name, group["vfxai_rendered"].value()), flush=True)
            continue
        try:
            jobs.start(group, plan.SHOT)
        except Refusal as refusal:
            failed += 1
            sys.stderr.write(f"vfxai {name}: {refusal}\n")
    return 6 if failed else 0


def main(arguments: list[str]) -> int:
    """Opens the script and renders."""
    names = [a for a in arguments if a != "--save"]
    if not names:
        sys.stderr.write(str(__doc__) + "\n")
        return 2
    nuke.scriptOpen(names[0])
    code = render(names[1:] or None)
    if "--save" in arguments:
        nuke.scriptSave(names[0])
    return code


if __name__ == "__main__":
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sys.exit(main(sys.argv[1:]))
