"""The name index has the names in the store, forgets names that are gone, and is private to the user."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from kevents.store import catalog
from kevents.store.names.index import MAX_NAMES, Index, index_path
from kevents.store.names.learn import learn
from kevents.store.names.state import state_of
from kevents.store.store import Store
from tests.screen import run
from tests.store.test_store import NOW, event, store_events


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "names" / "one.sqlite"


def pod_event(name: str, last: str = "2026-11-20T10:00:00Z", namespace: str = "shop") -> dict[str, object]:
    started = event(
        f"{name}.{last}", last, reason="Started", source={"component": "kubelet", "host": f"node-of-{name}"}
    )
    return (
        started
        | {"involvedObject": {"kind": "Pod", "name": name, "namespace": namespace}}
        | {"metadata": {"name": f"{name}.1", "namespace": namespace}}
    )


def pods(path: Path, prefix: str = "", clusters: tuple[str, ...] = (), namespaces: tuple[str, ...] = ()) -> list[str]:
    index = Index(path)
    try:
        return index.objects("Pod", prefix, clusters, namespaces)
    finally:
        index.close()


def words(path: Path, category: str) -> list[str]:
    index = Index(path)
    try:
        return index.words(category, "")
    finally:
        index.close()


def test_candidates_for_a_mistyped_name_have_a_similar_length(store: Store, path: Path) -> None:
    store_events(store, pod_event("web-1"), pod_event("web-1234567"), pod_event("cart-1"))
    learn(store.directory, path, NOW)
    index = Index(path)
    try:
        assert sorted(index.similar_objects("Pod", "wbe-1")) == ["web-1"]
        assert index.similar_objects("Node", "wbe-1") == []
        assert index.similar("reason", "Startde") == ["Started"]
        assert index.similar("reason", "S") == []
    finally:
        index.close()


def test_names_are_found_by_prefix_cluster_and_namespace(store: Store, path: Path) -> None:
    store_events(store, pod_event("web-1"), pod_event("web-15", namespace="pay"), cluster="a")
    store_events(store, pod_event("cart-1"), pod_event("web-1"), cluster="b")
    learn(store.directory, path, NOW)
    assert pods(path) == ["cart-1", "web-1", "web-15"]
    assert pods(path, "web") == ["web-1", "web-15"]
    assert pods(path, "web-1", namespaces=("pay",)) == ["web-15"]
    assert pods(path, clusters=("b",)) == ["cart-1", "web-1"]
    assert words(path, "cluster") == ["a", "b"]
    assert words(path, "namespace") == ["pay", "shop"]
    assert words(path, "node") == ["node-of-cart-1", "node-of-web-1", "node-of-web-15"]
    assert words(path, "reason") == ["Started"]


def test_images_are_taken_from_pulling_events(store: Store, path: Path) -> None:
    pulling = {"reason": "Pulling", "message": 'Pulling image "ghcr.io/shop/cart:1.2"'}
    store_events(
        store, pod_event("web-1") | pulling, pod_event("web-2") | {"reason": "Killing", "message": 'Killing "x"'}
    )
    learn(store.directory, path, NOW)
    assert words(path, "image") == ["ghcr.io/shop/cart:1.2"]


def test_new_names_are_added_and_names_of_deleted_files_are_removed(store: Store, path: Path) -> None:
    store_events(store, pod_event("old", "2026-11-10T10:00:00Z"), pod_event("lasting", "2026-11-10T10:00:00Z"))
    learn(store.directory, path, NOW)
    store_events(store, pod_event("new"), pod_event("lasting"))
    learn(store.directory, path, NOW)
    assert pods(path) == ["lasting", "new", "old"]
    (kept,) = (file for file in store.files() if str(file.day) == "2026-11-20")
    catalog.save(store.directory, replace(store.catalog(), files=(kept,)))
    learn(store.directory, path, NOW)
    assert pods(path) == ["lasting", "new"]


def test_an_index_knows_the_state_of_the_store_that_it_covers(store: Store, path: Path) -> None:
    store_events(store, pod_event("web-1"))
    learn(store.directory, path, NOW)
    index = Index(path)
    assert index.state == state_of(store.directory)
    store_events(store, pod_event("web-2"))
    assert index.state != state_of(store.directory)
    index.close()


def test_after_compaction_the_index_has_the_same_names(store: Store, path: Path) -> None:
    for number in range(6):
        store_events(store, pod_event(f"web-{number}", f"2026-11-20T10:0{number}:00Z"))
    learn(store.directory, path, NOW)
    before = pods(path)
    assert run("store", "compact", "--store", str(store.directory)).status == 0
    assert len(store.files()) < 6
    learn(store.directory, path, NOW)
    assert pods(path) == before == [f"web-{number}" for number in range(6)]


def test_each_file_of_a_run_is_indexed(store: Store, path: Path) -> None:
    store_events(store, pod_event("web-1"))
    store_events(store, pod_event("web-2"))
    written = []
    for number, file in enumerate(store.files()):
        path_in_run = file.path.with_name(f"0123456789abcdef-{number}.parquet")
        file.path.rename(path_in_run)
        written.append(replace(file, path=path_in_run))
    catalog.save(store.directory, replace(store.catalog(), files=tuple(written)))
    learn(store.directory, path, NOW)
    learn(store.directory, path, NOW)
    assert pods(path) == ["web-1", "web-2"]


def test_a_damaged_segment_does_not_hide_other_names(store: Store, path: Path) -> None:
    store_events(store, pod_event("good", "2026-11-10T10:00:00Z"))
    store_events(store, pod_event("bad"))
    broken = max(store.files(), key=lambda file: str(file.day)).path
    broken.chmod(0o600)
    broken.write_bytes(b"not parquet")
    learn(store.directory, path, NOW)
    assert pods(path) == ["good"]


def test_too_many_names_are_limited_to_the_first_ones_and_the_very_last(path: Path) -> None:
    index = Index(path, is_writer=True)
    names = [f"web-{number:05}" for number in range(MAX_NAMES * 3)]
    index.add("", [("Pod", name, "shop", "prod") for name in names], [])
    limited = index.objects("Pod", "web", [], [])
    index.close()
    assert limited == [*names[:MAX_NAMES], names[-1]]


def test_the_index_is_private_to_the_user(store: Store, path: Path) -> None:
    store_events(store, pod_event("web-1"))
    learn(store.directory, path, NOW)
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_every_store_has_its_own_index(tmp_path: Path) -> None:
    assert index_path(tmp_path, tmp_path / "a") != index_path(tmp_path, tmp_path / "b")
