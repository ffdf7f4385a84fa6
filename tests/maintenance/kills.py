"""Import, compaction, prune, record and a reader as processes on one store, killed at random; and what must be left."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kevents.store.paths import segment_paths
from kevents.store.store import Store
from tests.record.process import Commands, until
from tests.record.recording import rows
from tests.server import Etcd, Version

_AGES = (45, 35, 20, 3, 0)  # days: all of the first goes, and of the second what is no warning
_RULES = ("--older-than", "30d", "--keep-severity", "warning=40d")
_REASONS = ("Started", "FailedMount")  # info and warning, by the table that ships
_EVENTS = 200  # of a dump
_CHILDREN = {"kevents.store.recording.seal": "sealing", "kevents.maintenance.round": "upkeep"}
_SAME = "SELECT count(*), count(DISTINCT (namespace, event_name, resource_version, count)) FROM observations"


@dataclass
class Together:
    """The processes, what they were told is stored, and what went wrong. killed: how often, by what it was."""

    commands: Commands
    etcd: Etcd
    chance: random.Random
    killed: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    left_behind: int = 0  # kills after which something lay about that did not count
    wrong: list[str] = field(default_factory=list)
    acknowledged: int = 0  # dumps
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def run(self, kills: int, pause: float) -> None:
        """Let all of them run on and on until so many were killed, one after so many seconds at most."""
        self.commands.answer("record", "-A", "--once")  # from its checkpoint on, no state of an event may be missed
        with self._all_ended():
            while sum(self.killed.values()) < kills:
                end = time.monotonic() + self.chance.random() * pause
                while time.monotonic() < end:
                    self._keep_running()
                    self.etcd.update(self.etcd.add(2)[0])
                    time.sleep(0.05)
                self._kill()

    def finish(self) -> None:
        """Let a recorder come up with the cluster, and the next commands repair what is left."""
        with self.commands.run("record", "-A", *_RULES) as recorder:
            self.etcd.add(1)  # which says, once it is stored, that this recorder runs
            until(lambda: len(self.recorded) >= len(self.etcd.ledger), 60)
            recorder.send(signal.SIGTERM)
            status = recorder.ended(30)
            if status:
                raise AssertionError(f"the recorder ended with {status}: {recorder.said}")
        for words in (("store", "prune", *_RULES), ("store", "compact")):
            self.commands.answer(*words)

    @property
    def recorded(self) -> list[Version]:
        """What the store holds of the cluster."""
        sql = "SELECT namespace, event_name, uid, resource_version, count FROM observations WHERE namespace = 'default'"
        found = [Version(*row.values()) for row in rows(self.commands.store, sql)]  # type: ignore[arg-type]
        return sorted(found, key=lambda version: version.resource_version)

    @property
    def imported(self) -> list[int]:
        """The numbers of the dumps' events that the store holds."""
        sql = "SELECT count FROM observations WHERE namespace = 'dumped' ORDER BY ALL"
        return [int(str(row["count"])) for row in rows(self.commands.store, sql)]

    def to_be_imported(self, held: list[int]) -> list[int]:
        """The numbers that the store must hold. The dump that was killed last is there, or is not, as a whole."""
        dumps = self.acknowledged + any(number > self.acknowledged * _EVENTS for number in held)
        return [number for number in range(1, dumps * _EVENTS + 1) if _is_kept(number)]

    def _keep_running(self) -> None:
        for name, begin in self._actors().items():
            process = self._running.get(name)
            if process is not None and process.poll() is None:
                continue
            if process is not None:
                self._note(name, process.returncode)
            self._running[name] = self._begin(name, begin())

    def _actors(self) -> dict[str, Callable[[], list[str]]]:
        return {
            "record": lambda: ["-m", "tests.maintenance.quick_rounds", "record", "-A", *_RULES],
            "import": lambda: [*_KEVENTS, "import", "--cluster", "prod", str(self._dump())],
            "compact": lambda: [*_KEVENTS, "store", "compact"],
            "prune": lambda: [*_KEVENTS, "store", "prune", *_RULES],
            "query": lambda: [*_KEVENTS, "query", _SAME, "-o", "tsv", "--no-headers"],
        }

    def _begin(self, name: str, arguments: list[str]) -> subprocess.Popen[bytes]:
        with self._out(name).open("wb") as shown, self._err(name).open("wb") as said:
            environment = self.commands.environment
            return subprocess.Popen([sys.executable, *arguments], stdout=shown, stderr=said, env=environment)

    def _note(self, name: str, status: int) -> None:
        """Take down how a process ended by itself, or that it was killed."""
        if status == -signal.SIGKILL:
            return
        self.ended[name] += 1
        said = self._err(name).read_text("utf-8")
        if status != 0 and not (name != "record" and "there is no store" in said):
            self.wrong.append(f"{name} ended with status {status}: {said[-300:]}")
        elif name == "import":
            self.acknowledged += 1
        elif name == "query" and status == 0:
            counted, distinct = self._out(name).read_text().split()
            if counted != distinct or said:
                self.wrong.append(f"a reader saw {counted} observations, {distinct} of them distinct: {said[-300:]}")

    def _kill(self) -> None:
        """End a process where it is, a recorder's children as likely as itself."""
        victims = [(name, one.pid) for name, one in self._running.items() if name != "query" and one.poll() is None]
        victims += self._children()
        name, pid = self.chance.choice(victims)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.killed[name] += 1
            if name in self._running:
                self._running[name].wait()
        self.left_behind += self._is_untidy()

    def _children(self) -> Iterator[tuple[str, int]]:
        """The processes that recorders started on this store, whoever lives."""
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                if str(self.commands.store) in words:
                    yield from ((name, int(process.name)) for module, name in _CHILDREN.items() if module in words)

    def _is_untidy(self) -> bool:
        store = Store(self.commands.store)
        listed = {file.path for file in store.files()}
        return (
            store.upkeep.exists() or any(store.staging.glob("*")) or not set(segment_paths(store.directory)) <= listed
        )

    @contextmanager
    def _all_ended(self) -> Iterator[None]:
        try:
            yield
        finally:
            for name, process in self._running.items():
                process.kill()
                process.wait()
                if name == "import":
                    self._note(name, process.returncode)
            for _, pid in self._children():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _dump(self) -> Path:
        """The dump that is imported next: the same again until that ended well."""
        path = self.commands.directory / f"dump{self.acknowledged}.json"
        first = self.acknowledged * _EVENTS + 1
        path.write_text(json.dumps({"kind": "List", "items": [_event(first + place) for place in range(_EVENTS)]}))
        return path

    def _out(self, name: str) -> Path:
        return self.commands.directory / f"{name}.out"

    def _err(self, name: str) -> Path:
        return self.commands.directory / f"{name}.err"


_KEVENTS = ("-m", "kevents")
_NOON = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _event(number: int) -> dict[str, object]:
    seen = f"{_NOON - timedelta(days=_AGES[number % len(_AGES)]):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "kind": "Event",
        "metadata": {"name": f"dumped.{number}", "namespace": "dumped"},
        "involvedObject": {"kind": "Pod", "name": f"dumped-{number % 7}", "namespace": "dumped"},
        "reason": _REASONS[number // len(_AGES) % 2],
        "type": "Normal",
        "firstTimestamp": seen,
        "lastTimestamp": seen,
        "count": number,
    }


def _is_kept(number: int) -> bool:
    age = _AGES[number % len(_AGES)]
    return age < 30 or (age < 40 and _REASONS[number // len(_AGES) % 2] == "FailedMount")
