"""Events with long messages are exported as text with the memory that ordinary ones need, in the same order."""

import json
import subprocess
import sys
from pathlib import Path

from tests.bench.long_messages import events


def test_long_messages_are_exported(tmp_path: Path) -> None:
    dump, store, export = tmp_path / "dump.jsonl", tmp_path / "store", tmp_path / "export.jsonl"
    lines = list(events("60x1300000"))
    dump.write_text("".join(lines))
    kevents = [sys.executable, "-m", "kevents"]
    subprocess.run([*kevents, "import", str(dump), "--store", str(store)], check=True, capture_output=True)
    command = [*kevents, "store", "export", "-o", str(export), "--store", str(store)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    exported = [json.loads(line) for line in export.read_text().splitlines()]
    assert sorted(event["message"] for event in exported) == sorted(json.loads(line)["message"] for line in lines)
    names = [event["metadata"]["name"] for event in exported]
    assert names == sorted(names)
