"""The files of a journal: numbered, in the cluster's directory, with one document or control line per line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kevents.store import disk
from kevents.store.paths import cluster_directory, journal_number, journals


def journal_directory(store_directory: Path, cluster: str) -> Path:
    """The directory of a cluster's journal."""
    return journals(store_directory) / cluster_directory(cluster)


def journal_directories(store_directory: Path) -> list[Path]:
    """The directories of all journals in a store."""
    entries = disk.list_entries(journals(store_directory))
    return sorted(
        Path(entry.path)
        for entry in entries
        if entry.name.startswith("cluster=") and entry.is_dir(follow_symlinks=False)
    )


def journal_files(directory: Path) -> dict[int, Path]:
    """The files of a journal by number, which is the order in which they were written."""
    try:
        files = {number: path for path in disk.list_paths(directory) if (number := journal_number(path)) is not None}
    except FileNotFoundError:
        return {}
    return dict(sorted(files.items()))


def control_lines_in(data: bytes) -> list[bytes]:
    """The control lines among complete lines, without line ends."""
    return [data[start : end - 1] for start, end in _control_lines(data)]


def document_blocks(data: bytes, size: int) -> Iterator[bytes]:
    """The documents among complete lines, in blocks of complete lines of about this size."""
    pieces = []
    start = 0
    for line_start, line_end in _control_lines(data):
        pieces.append(data[start:line_start])
        start = line_end
    documents = b"".join((*pieces, data[start:]))
    start = 0
    while start < len(documents):
        end = documents.find(b"\n", min(start + size, len(documents) - 1)) + 1
        yield documents[start:end]
        start = end


def _control_lines(data: bytes) -> Iterator[tuple[int, int]]:
    """The start and end of each control line. A regular expression would be ten times as slow."""
    start = 0 if data.startswith(b"#") else _next_control_line(data, 0)
    while start >= 0:
        end = data.find(b"\n", start) + 1
        yield start, end
        start = _next_control_line(data, end - 1)


def _next_control_line(data: bytes, position: int) -> int:
    """The start of the first control line after a line end at or after this position; -1 if there is none."""
    line_end = data.find(b"\n#", position)
    return line_end + 1 if line_end >= 0 else -1
