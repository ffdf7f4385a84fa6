"""Speed of writing a journal, whether sealing keeps up, and how long queries take meanwhile.

python -m tests.bench.journal_speed [--seconds 20] [--rate 20000]
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

from kevents import clock
from kevents.store.coverage import ALL
from kevents.store.journal import control_lines
from kevents.store.recording.journal import Journal
from kevents.store.store import Store
from tests.store.small_recorder import CLUSTER, document, seen

_BATCH = 0.1  # seconds between two syncs
_PADDING = "x" * 470  # makes events of about 900 bytes


def main() -> None:
    """Print the results. The exit status is 1 if an event is lost or duplicated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=float, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        run(Store(Path(directory) / "store"), int(options.rate * _BATCH), int(options.seconds / _BATCH))


def run(store: Store, batch_size: int, batches: int) -> None:
    """Write batches at a constant rate, with a reader that queries the store repeatedly from the middle on."""
    journal = Journal.open(store, CLUSTER, clock.now)
    query_times: list[float] = []
    done = threading.Event()
    reader = threading.Thread(target=_query, args=(store, query_times, done))
    slowest = 0.0
    spool = 0
    template = document(7_000_000, message=_PADDING)
    start = time.monotonic()
    for batch in range(batches):
        numbers = range(batch * batch_size, (batch + 1) * batch_size)
        journal.write([template.replace(b"7000001", b"%d" % (n + 1)).replace(b"7000000", b"%d" % n) for n in numbers])
        journal.note(*control_lines.checkpoint(ALL, numbers[-1], clock.now()))
        before = time.monotonic()
        journal.sync()
        slowest = max(slowest, time.monotonic() - before)
        spool = max(spool, journal.spool_bytes)
        if batch == batches // 2:
            reader.start()
        time.sleep(max(0.0, start + (batch + 1) * _BATCH - time.monotonic()))
    seconds = time.monotonic() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    done.set()
    reader.join()
    before = time.monotonic()
    journal.close()
    print(f"{batch_size * batches / seconds:,.0f} events/s for {seconds:.0f} s; slowest sync {slowest * 1000:.0f} ms")
    print(f"unsealed journal up to {spool / 1e6:.0f} MB; closed in {time.monotonic() - before:.1f} s")
    print(
        f"{memory:.0f} MB including a reader in the same process, "
        f"whose {len(query_times)} queries took up to {max(query_times):.1f} s"
    )
    if seen(store) != list(range(batch_size * batches)):
        sys.exit("events were lost or duplicated")


def _query(store: Store, query_times: list[float], done: threading.Event) -> None:
    while not done.is_set():
        before = time.monotonic()
        seen(store)
        query_times.append(time.monotonic() - before)
        time.sleep(1)


if __name__ == "__main__":
    main()
