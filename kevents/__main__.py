"""`python -m kevents`, the same as `kevents`."""

from __future__ import annotations

import sys

from kevents.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
