"""Peak memory of imports, of sealing a journal, of lists and of exports, for events with long messages.

    python -m tests.bench.long_messages [--mix 40x1400000 ...]

A mix is a number of events and the bytes of each message; several are joined with `+`. Each operation is a process of
its own, and its peak resident memory is printed. The limit is 400 MB.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from kevents.store.journal.files import journal_directory, journal_files
from kevents.store.recording.journal import Journal
from kevents.store.store import Store

LIMIT = 400  # MB
CLUSTER = "bench"
MIXES = (
    "130000x500",
    "60000x1500",
    "300x131072",
    "60x1300000",
    "40x1400000",
    "10x20000000",
    "20000x200+3000x5000+100x100000+20x1400000+2x15000000",
)
FILL_JOURNAL = "from tests.bench.long_messages import fill_journal; fill_journal(*__import__('sys').argv[1:])"


def events(mix: str) -> Iterator[str]:
    """The events of a mix as JSON lines, in random order. Messages are random, so that they do not compress well."""
    random_ = random.Random(mix)
    sizes = [int(part.partition("x")[2]) for part in mix.split("+") for _ in range(int(part.partition("x")[0]))]
    random_.shuffle(sizes)
    for number, size in enumerate(sizes):
        message = random_.randbytes(size // 2 + 1).hex()[:size]
        yield (
            '{"apiVersion":"v1","kind":"Event","metadata":'
            f'{{"name":"pod-{number}.17c0","namespace":"shop","uid":"{number:08x}-0000-4000-8000-000000000000"}},'
            f'"involvedObject":{{"kind":"Pod","namespace":"shop","name":"pod-{number}"}},"reason":"Failed",'
            f'"message":"{message}","type":"Warning","count":1,"firstTimestamp":"2026-11-20T10:00:00Z",'
            '"lastTimestamp":"2026-11-20T10:00:00Z","source":{"component":"kubelet"}}\n'
        )


def fill_journal(directory: str, mix: str) -> None:
    """Write the events of a mix to the journal of a store, without sealing its last file."""
    journal = Journal.open(Store(Path(directory)), CLUSTER, lambda: datetime.now(UTC))
    for event in events(mix):
        journal.write([event.rstrip().encode()])
    journal.sync()
    os._exit(0)  # like a kill: closing the journal would seal it


def peak_mb(command: list[str]) -> float:
    """Run a process, which must succeed, and return its peak resident memory."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    error = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} exited with status {os.waitstatus_to_exitcode(status)}: {error}")
    return usage.ru_maxrss / 1024


def measure(mix: str, scratch: Path) -> None:
    store, other, dump = scratch / "store", scratch / "recorded", scratch / "dump.jsonl"
    with dump.open("w") as file:
        file.writelines(events(mix))
    print(f"{mix}: {dump.stat().st_size / 1e6:,.0f} MB", flush=True)
    kevents = [sys.executable, "-m", "kevents"]
    subprocess.check_call([sys.executable, "-c", FILL_JOURNAL, str(other), mix], stdout=subprocess.DEVNULL)
    newest = max(journal_files(journal_directory(other, CLUSTER)))
    operations = {
        "import": [*kevents, "import", str(dump), "--store", str(store)],
        "import again": [*kevents, "import", str(dump), "--store", str(store)],
        "seal": [sys.executable, "-m", "kevents.store.recording.seal", str(other), CLUSTER, str(newest)],
        "list -o json": [*kevents, "list", "-A", "--limit", "0", "-o", "json", "--store", str(store)],
        **{
            f"export {extension}": [
                *(*kevents, "store", "export", "--store", str(store), "-o", str(scratch / f"export.{extension}"))
            ]
            for extension in ("json", "jsonl", "parquet")
        },
        "import parquet": [
            *(*kevents, "import", str(scratch / "export.parquet"), "--store", str(scratch / "third")),
        ],
    }
    for name, command in operations.items():
        peak = peak_mb(command)
        print(f"  {name:15} {peak:5.0f} MB{'' if peak < LIMIT else ': LIMIT EXCEEDED'}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mix", nargs="+", default=MIXES)
    for mix in parser.parse_args().mix:
        with tempfile.TemporaryDirectory(prefix="kevents-bench-") as directory:
            measure(mix, Path(directory))


if __name__ == "__main__":
    main()
