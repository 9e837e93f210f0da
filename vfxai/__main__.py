"""`python -m vfxai` is the command line."""

import sys

from vfxai.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
