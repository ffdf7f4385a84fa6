"""The state of a recorder is read completely or not at all, and its lock shows whether it is running."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

from kevents.store.journal.recorder_state import RecorderState, is_running, read_state, recorders, write_state
from kevents.store.store import Store
from tests.store.small_recorder import NOW, open_journal

STATE = RecorderState(
    cluster="gke_eu/../Ü 1",
    pid=4711,
    started=NOW,
    updated=NOW,
    identity="system:serviceaccount:kevents",
    scopes=("shop", "pay"),
    state="watching",
    events=12,
    lag=0.15,
    last_contact=NOW,
    more={"deletions": 3},
)


def test_a_written_state_is_read_back_unchanged(tmp_path: Path) -> None:
    write_state(tmp_path, STATE)
    assert read_state(tmp_path) == STATE
    write_state(tmp_path, replace(STATE, state="stopped", last_contact=None))
    assert read_state(tmp_path) == replace(STATE, state="stopped", last_contact=None)
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_unreadable_state_is_none(tmp_path: Path) -> None:
    assert read_state(tmp_path) is None
    for damaged in ("", "[]", "{", '{"pid": 1}', '{"cluster": "a", "pid": 1, "started": 5, "told": null}'):
        (tmp_path / "recorder.json").write_text(damaged)
        assert read_state(tmp_path) is None


def test_unknown_keys_of_a_newer_kevents_are_ignored(tmp_path: Path) -> None:
    write_state(tmp_path, STATE)
    path = tmp_path / "recorder.json"
    path.write_text(path.read_text().replace("{", '{"mood": "fine", ', 1))
    assert read_state(tmp_path) == STATE


def test_a_recorder_is_running_as_long_as_it_holds_its_lock_whatever_its_pid(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    journal = open_journal(store, cluster=STATE.cluster)
    write_state(journal.directory, STATE)
    assert is_running(journal.directory)
    assert recorders(store.directory) == [(STATE.cluster, STATE, True)]
    journal.close()
    assert recorders(store.directory) == [(STATE.cluster, STATE, False)]
    open_journal(store, cluster=STATE.cluster).close()  # the check has released the lock


def test_a_store_without_recordings_has_no_recorders(tmp_path: Path) -> None:
    assert recorders(tmp_path) == []
