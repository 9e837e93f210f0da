"""Nuke runs this in every session, with and without a window: it makes vfxai_nuke importable and guards renders."""

import os
import sys
import traceback

try:
    here = os.path.dirname(os.path.abspath(__file__))
    if here not in sys.path:
        sys.path.append(here)  # last, and the folder holds nothing but the package vfxai_nuke: no other module is shadowed
    import vfxai_nuke

    vfxai_nuke.install()
except Exception:  # noqa: BLE001  # a fault of ours must not keep Nuke from starting
    traceback.print_exc()
    sys.stderr.write("vfxai is left out of this session; the rest of Nuke is as it was\n")
