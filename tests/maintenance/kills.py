"""Runs import, compact, prune, record and a query as processes on one store, and kills them at random."""

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

_AGES = (45, 35, 20, 3, 0)  # days: events of the first are pruned, and those of the second that are not warnings
_RULES = ("--older-than", "30d", "--keep-severity", "warning=40d")
_REASONS = ("Started", "FailedMount")  # info and warning in the built-in severity table
_EVENTS = 200  # per dump
_WORKERS = {"kevents.store.recording.seal": "sealing", "kevents.maintenance.round": "maintenance"}
_COUNT = "SELECT count(*), count(DISTINCT (namespace, event_name, resource_version, count)) FROM observations"


@dataclass
class KillTest:
    """The processes and the results. killed, ended: how often, by process. acknowledged: how many dumps were imported.

    leftovers: how many kills left files that the catalog does not list. errors: what went wrong.
    """

    commands: Commands
    etcd: Etcd
    generator: random.Random
    killed: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    leftovers: int = 0
    errors: list[str] = field(default_factory=list)
    acknowledged: int = 0
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def run(self, kills: int, pause: float) -> None:
        """Keep all processes running, and kill this many, each after a random pause of at most this many seconds."""
        self.commands.answer("record", "-A", "--once")  # sets a checkpoint: from then on, every state must be stored
        with self._cleanup():
            while sum(self.killed.values()) < kills:
                end = time.monotonic() + self.generator.random() * pause
                while time.monotonic() < end:
                    self._keep_running()
                    self.etcd.update(self.etcd.add(2)[0])
                    time.sleep(0.05)
                self._kill()

    def finish(self) -> None:
        """Let a recorder catch up with the cluster, and the next commands clean up."""
        with self.commands.run("record", "-A", *_RULES) as recorder:
            self.etcd.add(1)  # once it is stored, the recorder is running
            until(lambda: len(self.recorded) >= len(self.etcd.ledger), 60)
            recorder.send(signal.SIGTERM)
            status = recorder.ended(30)
            if status:
                raise AssertionError(f"the recorder ended with {status}: {recorder.err}")
        for words in (("store", "prune", *_RULES), ("store", "compact")):
            self.commands.answer(*words)

    @property
    def recorded(self) -> list[Version]:
        """The recorded observations in the store."""
        sql = "SELECT namespace, event_name, uid, resource_version, count FROM observations WHERE namespace = 'default'"
        versions = [Version(*row.values()) for row in rows(self.commands.store, sql)]  # type: ignore[arg-type]
        return sorted(versions, key=lambda version: version.resource_version)

    @property
    def imported(self) -> list[int]:
        """The numbers of the imported events in the store."""
        sql = "SELECT count FROM observations WHERE namespace = 'dumped' ORDER BY ALL"
        return [int(str(row["count"])) for row in rows(self.commands.store, sql)]

    def expected_imported(self, stored: list[int]) -> list[int]:
        """The numbers that the store must have. A killed import has stored its dump completely or not at all."""
        dumps = self.acknowledged + any(number > self.acknowledged * _EVENTS for number in stored)
        return [number for number in range(1, dumps * _EVENTS + 1) if _is_kept(number)]

    def _keep_running(self) -> None:
        for name, arguments in self._commands().items():
            process = self._running.get(name)
            if process is not None and process.poll() is None:
                continue
            if process is not None:
                self._check_end(name, process.returncode)
            self._running[name] = self._start(name, arguments())

    def _commands(self) -> dict[str, Callable[[], list[str]]]:
        return {
            "record": lambda: ["-m", "tests.maintenance.quick_rounds", "record", "-A", *_RULES],
            "import": lambda: [*_KEVENTS, "import", "--cluster", "prod", str(self._dump())],
            "compact": lambda: [*_KEVENTS, "store", "compact"],
            "prune": lambda: [*_KEVENTS, "store", "prune", *_RULES],
            "query": lambda: [*_KEVENTS, "query", _COUNT, "-o", "tsv", "--no-headers"],
        }

    def _start(self, name: str, arguments: list[str]) -> subprocess.Popen[bytes]:
        with self._out(name).open("wb") as stdout, self._err(name).open("wb") as stderr:
            environment = self.commands.environment
            return subprocess.Popen([sys.executable, *arguments], stdout=stdout, stderr=stderr, env=environment)

    def _check_end(self, name: str, status: int) -> None:
        """Check how a process ended, unless it was killed."""
        if status == -signal.SIGKILL:
            return
        self.ended[name] += 1
        stderr = self._err(name).read_text("utf-8")
        if status != 0 and not (name != "record" and "there is no store" in stderr):
            self.errors.append(f"{name} ended with status {status}: {stderr[-300:]}")
        elif name == "import":
            self.acknowledged += 1
        elif name == "query" and status == 0:
            total, distinct = self._out(name).read_text().split()
            if total != distinct or stderr:
                self.errors.append(f"a reader saw {total} observations, {distinct} of them distinct: {stderr[-300:]}")

    def _kill(self) -> None:
        """Kill a random process. A recorder's workers are as likely as itself."""
        victims = [
            (name, process.pid) for name, process in self._running.items() if name != "query" and process.poll() is None
        ]
        victims += self._workers()
        name, pid = self.generator.choice(victims)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.killed[name] += 1
            if name in self._running:
                self._running[name].wait()
        self.leftovers += self._has_leftovers()

    def _workers(self) -> Iterator[tuple[str, int]]:
        """The worker processes that recorders have started on this store."""
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                if str(self.commands.store) in words:
                    yield from ((name, int(process.name)) for module, name in _WORKERS.items() if module in words)

    def _has_leftovers(self) -> bool:
        store = Store(self.commands.store)
        listed = {file.path for file in store.files()}
        return (
            store.rewrite_staging.exists()
            or any(store.staging.glob("*"))
            or not set(segment_paths(store.directory)) <= listed
        )

    @contextmanager
    def _cleanup(self) -> Iterator[None]:
        try:
            yield
        finally:
            for name, process in self._running.items():
                process.kill()
                process.wait()
                if name == "import":
                    self._check_end(name, process.returncode)
            for _, pid in self._workers():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _dump(self) -> Path:
        """The dump to import next. It stays the same until its import has succeeded."""
        path = self.commands.directory / f"dump{self.acknowledged}.json"
        first = self.acknowledged * _EVENTS + 1
        path.write_text(
            json.dumps({"kind": "List", "items": [_event(number) for number in range(first, first + _EVENTS)]})
        )
        return path

    def _out(self, name: str) -> Path:
        return self.commands.directory / f"{name}.out"

    def _err(self, name: str) -> Path:
        return self.commands.directory / f"{name}.err"


_KEVENTS = ("-m", "kevents")
_MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _event(number: int) -> dict[str, object]:
    seen = f"{_MIDNIGHT - timedelta(days=_AGES[number % len(_AGES)]):%Y-%m-%dT%H:%M:%SZ}"
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
