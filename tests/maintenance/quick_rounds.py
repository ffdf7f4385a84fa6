"""`python -m tests.maintenance.quick_rounds record …`: kevents with maintenance and sealing every 0.3 seconds."""

from __future__ import annotations

import sys
from datetime import timedelta
from functools import partial

from kevents.cli.main import main
from kevents.maintenance import background
from kevents.store.recording import journal

background._FIRST_DELAY = background._INTERVAL = timedelta(seconds=0.3)
journal.Limits = partial(journal.Limits, bytes=20_000, age=timedelta(seconds=0.4))  # type: ignore[misc, assignment]

if __name__ == "__main__":
    sys.exit(main())
