"""Random damage to all kinds of files of a store: what verify finds, and what queries return.

    python -m tests.bench.damage [FLIPS] [SEED]     200 flipped bits, then torn, zeroed, emptied and missing files

The store has two clusters with segments, an unsealed journal, a catalog with coverage, and the catalog's copy. One file
at a time is damaged, checked and restored. Columns: found (reported by verify, possibly as harmless), refused (by a
query with --strict), warned (by a query without it), right (the same result as without damage), and wrong (a different
result without a warning, or without a refusal by --strict), which must be 0.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from kevents.store.coverage import ALL, Span, State
from kevents.store.journal import control_lines
from kevents.store.paths import catalog_backup, catalog_of
from kevents.store.recording.journal import Journal, Limits
from kevents.store.store import Store
from tests.screen import Screen, run
from tests.store.damaged_files import WAYS_TO_DAMAGE, flip, run_command
from tests.store.small_recorder import NOW, NoSealer, document

_EVENTS = 4_000
_JOURNAL = 600
_QUERY = "SELECT count(*), sum(count), count(DISTINCT message), min(last_seen), max(last_seen) FROM observations"
_COLUMNS = ("damaged", "found", "refused", "warned", "right", "wrong")


def build(directory: Path) -> Store:
    """The undamaged store."""
    store = Store(directory / "store")
    dump = directory / "dump.ndjson"
    for cluster in ("prod", "test"):
        dump.write_bytes(b"".join(document(number) + b"\n" for number in range(_EVENTS)))
        screen = run("import", str(dump), "--cluster", cluster, "--store", str(store.directory))
        assert screen.status == 0, screen.err
    journal = Journal.open(store, "prod", lambda: NOW, limits=Limits(bytes=100_000), sealer=NoSealer())
    for number in range(_EVENTS, _EVENTS + _JOURNAL, 20):
        journal.write([document(each) for each in range(number, number + 20)])
        at = NOW + timedelta(seconds=number)
        journal.note(*control_lines.span(Span(ALL, State.WATCHED, at, at + timedelta(seconds=20))))
        journal.note(*control_lines.checkpoint(ALL, number + 20, at))
        journal.sync()
    journal.close()
    return store


def files_by_kind(store: Store) -> dict[str, list[Path]]:
    """The files to damage, by kind."""
    return {
        "segment": [file.path for file in store.files()],
        "journal": sorted(store.directory.glob("journal/*/*.ndjson")),
        "catalog": [catalog_of(store.directory)],
        "its copy": [catalog_backup(store.directory)],
    }


def query(store: Store, *flags: str) -> Screen:
    return run_command(store, "query", _QUERY, "-o", "csv", *flags)


def check(store: Store, expected: str, tally: Counter[str]) -> None:
    """Check a damaged store. expected: the result of the query without damage."""
    tally["damaged"] += 1
    verify = run_command(store, "store", "verify", "-o", "csv", "--no-headers")
    tally["found"] += bool(verify.out)
    strict, default = query(store, "--strict"), query(store)
    tally["refused"] += strict.status == 4
    tally["right"] += default.out == expected
    tally["warned"] += "kevents:" in default.err
    tally["wrong"] += strict.status != 4 and strict.out != expected
    tally["wrong"] += default.status != 0 or (default.out != expected and "kevents:" not in default.err)


def damages(
    files: dict[str, list[Path]], flips: int, generator: random.Random
) -> Iterator[tuple[str, Path, Callable[[], None]]]:
    """Label, file and function for each damage: flipped bits in all kinds of files, then every other damage once."""
    for number in range(flips):
        kind = list(files)[number % len(files)]
        path = generator.choice(files[kind])
        bit = generator.randrange(8 * path.stat().st_size)
        yield f"{kind}: bit flipped", path, lambda path=path, bit=bit: flip(path, bit)
    for kind, paths in files.items():
        for name, hurt in WAYS_TO_DAMAGE.items():
            if name != "another file's content" or kind == "segment":
                path = paths[0]
                yield f"{kind}: {name}", path, lambda path=path, hurt=hurt: hurt(path)


def main(flips: int, seed: int) -> int:
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kevents-damage-") as scratch:
        store = build(Path(scratch))
        expected = query(store).out
        assert query(store, "--strict").out == expected
        tallies: dict[str, Counter[str]] = {}
        for label, path, damage in damages(files_by_kind(store), flips, random.Random(seed)):
            backup = Path(scratch) / "backup"
            shutil.copyfile(path, backup)
            damage()
            check(store, expected, tallies.setdefault(label, Counter()))
            shutil.copyfile(backup, path)
        assert run_command(store, "store", "verify").status == 0
    print(f"{'':36}" + "".join(f"{name:>9}" for name in _COLUMNS))
    for label, tally in tallies.items():
        print(f"{label:36}" + "".join(f"{tally[name]:>9}" for name in _COLUMNS))
    total = sum(tallies.values(), Counter())
    print(f"{'all':36}" + "".join(f"{total[name]:>9}" for name in _COLUMNS))
    print(f"seed {seed}, {time.monotonic() - start:.0f} s")
    return 1 if total["wrong"] else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(numbers + [200, 1][len(numbers) :])))
