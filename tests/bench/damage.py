"""Random damage to every sort of file of a store: what verify finds, and what questions answer.

python -m tests.bench.damage [FLIPS] [SEED]     200 flipped bits; then torn, zeroed, emptied and missing files

A store of two clusters with segments, an unsealed journal, a catalog with coverage, and the catalog's copy is damaged
in one place, looked at, and made anew. found: by verify, with status 4, or named by it as harmless; refused: by a
--strict question; warned: by one that is not strict; right: the same answer as that of the whole store. wrong: neither
refused nor right, which must never be.
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
_SUM = "SELECT count(*), sum(count), count(DISTINCT message), min(last_seen), max(last_seen) FROM observations"
_COLUMNS = ("damaged", "found", "refused", "warned", "right", "wrong")


def build(directory: Path) -> Store:
    """The whole store."""
    store = Store(directory / "store")
    dump = directory / "dump.ndjson"
    for cluster in ("prod", "test"):
        dump.write_bytes(b"".join(document(number) + b"\n" for number in range(_EVENTS)))
        imported = run("import", str(dump), "--cluster", cluster, "--store", str(store.directory))
        assert imported.status == 0, imported.said
    journal = Journal.open(store, "prod", lambda: NOW, limits=Limits(bytes=100_000), sealer=NoSealer())
    for number in range(_EVENTS, _EVENTS + _JOURNAL, 20):
        journal.write([document(one) for one in range(number, number + 20)])
        at = NOW + timedelta(seconds=number)
        journal.note(*control_lines.span(Span(ALL, State.WATCHED, at, at + timedelta(seconds=20))))
        journal.note(*control_lines.checkpoint(ALL, number + 20, at))
        journal.sync()
    journal.close()
    return store


def victims(store: Store) -> dict[str, list[Path]]:
    """The files that can be damaged, by their sort."""
    return {
        "segment": [file.path for file in store.files()],
        "journal": sorted(store.directory.glob("journal/*/*.ndjson")),
        "catalog": [catalog_of(store.directory)],
        "its copy": [catalog_backup(store.directory)],
    }


def question(store: Store, *flags: str) -> Screen:
    return run_command(store, "query", _SUM, "-o", "csv", *flags)


def judge(store: Store, truth: str, tally: Counter[str]) -> None:
    """Look at a store that is damaged in one place."""
    tally["damaged"] += 1
    verified = run_command(store, "store", "verify", "-o", "csv", "--no-headers")
    tally["found"] += bool(verified.shown)
    strict, usual = question(store, "--strict"), question(store)
    tally["refused"] += strict.status == 4
    tally["right"] += usual.shown == truth
    tally["warned"] += "kevents:" in usual.said
    tally["wrong"] += strict.status != 4 and strict.shown != truth
    tally["wrong"] += usual.status != 0 or (usual.shown != truth and "kevents:" not in usual.said)


def damages(
    sorts: dict[str, list[Path]], flips: int, dice: random.Random
) -> Iterator[tuple[str, Path, Callable[[], None]]]:
    """What to do to which file: so many flipped bits, evenly over the sorts, and then each other harm to each sort."""
    for number in range(flips):
        sort = list(sorts)[number % len(sorts)]
        path = dice.choice(sorts[sort])
        bit = dice.randrange(8 * path.stat().st_size)
        yield f"{sort}: bit flipped", path, lambda path=path, bit=bit: flip(path, bit)
    for sort, paths in sorts.items():
        for kind, hurt in WAYS_TO_DAMAGE.items():
            if kind != "another file's content" or sort == "segment":
                path = paths[0]
                yield f"{sort}: {kind}", path, lambda path=path, hurt=hurt: hurt(path)


def main(flips: int, seed: int) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kevents-damage-") as scratch:
        whole = build(Path(scratch))
        truth = question(whole).shown
        assert question(whole, "--strict").shown == truth
        tallies: dict[str, Counter[str]] = {}
        for sort, path, damage in damages(victims(whole), flips, random.Random(seed)):
            kept = Path(scratch) / "kept"
            shutil.copyfile(path, kept)
            damage()
            judge(whole, truth, tallies.setdefault(sort, Counter()))
            shutil.copyfile(kept, path)
        assert run_command(whole, "store", "verify").status == 0
    print(f"{'':36}" + "".join(f"{name:>9}" for name in _COLUMNS))
    for sort, tally in tallies.items():
        print(f"{sort:36}" + "".join(f"{tally[name]:>9}" for name in _COLUMNS))
    total = sum(tallies.values(), Counter())
    print(f"{'all':36}" + "".join(f"{total[name]:>9}" for name in _COLUMNS))
    print(f"seed {seed}, {time.monotonic() - began:.0f} s")
    return 1 if total["wrong"] else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(numbers + [200, 1][len(numbers) :])))
