"""Processor time from the start of a command to its end, as a ratio to an empty Python program in the same run.

Run `python -m tests.bench.start_speed [--runs N]`. The store holds the events of the demo.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.demo.make_incident import INCIDENT

_EMPTY = "python -c pass"
_COMMANDS = (
    ("--version",),
    ("--help",),
    ("list", "--help"),
    ("__complete", "list", "--re"),
    ("__complete", "list", "--for", "pod/"),
    ("list", "--limit", "20"),
    ("overview", "--since", "1h", "--as-of", "last"),
    ("status",),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as directory:
        env = {**os.environ, "KEVENTS_STORE": str(Path(directory) / "store"), "XDG_CACHE_HOME": directory}
        kevents = [sys.executable, "-m", "kevents"]
        _seconds([*kevents, "import", str(INCIDENT)], env)
        _seconds([*kevents, "__complete", "list", "--for", "pod/"], env)  # indexes the names
        commands = {_EMPTY: [sys.executable, "-c", "pass"]}
        commands |= {" ".join(("kevents", *words)): [*kevents, *words] for words in _COMMANDS}
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):  # in turns, so that a busy moment hits all of them
            for name, command in commands.items():
                times[name].append(_seconds(command, env))
    baseline = statistics.median(times[_EMPTY])
    print(f"{'command':45} {'CPU ms':>8} {'ratio':>7}")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"{name:45} {median * 1000:8.0f} {median / baseline:7.1f}")


def _seconds(command: list[str], env: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
