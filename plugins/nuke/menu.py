"""Nuke runs this in sessions with a window. It must bear this name."""

import sys
import traceback

try:
    import vfxai_nuke

    vfxai_nuke.install_menu()
except Exception:  # noqa: BLE001  # a fault of ours must not keep Nuke from starting
    traceback.print_exc()
    sys.stderr.write("vfxai has no menu in this session; the rest of Nuke is as it was\n")
