"""Long messages are imported with the memory that ordinary ones need."""

import subprocess
import sys
from pathlib import Path

import pytest

from kevents.store.store import Store
from tests.bench.long_messages import events

_CHILD = """
import resource
limit = 3 << 30  # of data; a process without a limit would not show that it needs too much
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
from kevents.cli.main import main
main()
"""


@pytest.mark.parametrize("mix", ["130000x500", "40x1400000", "300x131072", "1x20000000+5000x100"])
def test_long_messages_are_imported(tmp_path: Path, mix: str) -> None:
    dump, store = tmp_path / "dump.jsonl", tmp_path / "store"
    with dump.open("w") as file:
        file.writelines(events(mix))
    arguments = ["import", str(dump), "--store", str(store)]
    for _ in range(2):  # the second import compares all rows with the stored ones
        done = subprocess.run([sys.executable, "-c", _CHILD, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        expected = sum(int(part.partition("x")[0]) for part in mix.split("+"))
        assert sum(file.rows for file in Store(store).files()) == expected
    assert [path.name for path in store.glob("staging/**/*") if path.is_file()] == []
