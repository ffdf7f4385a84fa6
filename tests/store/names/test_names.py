"""The index of names knows what the store holds, forgets what it no longer holds, and is its user's alone."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from kevents.store import catalog
from kevents.store.names.index import MOST, Index, place
from kevents.store.names.learn import learn
from kevents.store.names.state import state_of
from kevents.store.store import Store
from tests.screen import run
from tests.store.test_store import NOW, event, take


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "names" / "one.sqlite"


def of_pod(name: str, last: str = "2026-11-20T10:00:00Z", namespace: str = "shop") -> dict[str, object]:
    told = event(f"{name}.{last}", last, reason="Started", source={"component": "kubelet", "host": f"node-of-{name}"})
    return (
        told
        | {"involvedObject": {"kind": "Pod", "name": name, "namespace": namespace}}
        | {"metadata": {"name": f"{name}.1", "namespace": namespace}}
    )


def pods(path: Path, prefix: str = "", clusters: tuple[str, ...] = (), namespaces: tuple[str, ...] = ()) -> list[str]:
    index = Index(path)
    try:
        return index.objects("Pod", prefix, clusters, namespaces)
    finally:
        index.close()


def words(path: Path, of: str) -> list[str]:
    index = Index(path)
    try:
        return index.words(of, "")
    finally:
        index.close()


def test_names_are_found_that_are_about_as_long_as_a_mistyped_one(store: Store, path: Path) -> None:
    take(store, of_pod("web-1"), of_pod("web-1234567"), of_pod("cart-1"))
    learn(store.directory, path, NOW)
    index = Index(path)
    try:
        assert sorted(index.similar_objects("Pod", "wbe-1")) == ["web-1"]
        assert index.similar_objects("Node", "wbe-1") == []
        assert index.similar("reason", "Startde") == ["Started"]
        assert index.similar("reason", "S") == []
    finally:
        index.close()


def test_names_are_found_by_their_beginning_and_narrowed_by_cluster_and_namespace(store: Store, path: Path) -> None:
    take(store, of_pod("web-1"), of_pod("web-15", namespace="pay"), cluster="a")
    take(store, of_pod("cart-1"), of_pod("web-1"), cluster="b")
    learn(store.directory, path, NOW)
    assert pods(path) == ["cart-1", "web-1", "web-15"]
    assert pods(path, "web") == ["web-1", "web-15"]
    assert pods(path, "web-1", namespaces=("pay",)) == ["web-15"]
    assert pods(path, clusters=("b",)) == ["cart-1", "web-1"]
    assert words(path, "cluster") == ["a", "b"]
    assert words(path, "namespace") == ["pay", "shop"]
    assert words(path, "node") == ["node-of-cart-1", "node-of-web-1", "node-of-web-15"]
    assert words(path, "reason") == ["Started"]


def test_images_are_those_of_pulls_that_began(store: Store, path: Path) -> None:
    pulling = {"reason": "Pulling", "message": 'Pulling image "ghcr.io/shop/cart:1.2"'}
    take(store, of_pod("web-1") | pulling, of_pod("web-2") | {"reason": "Killing", "message": 'Killing "x"'})
    learn(store.directory, path, NOW)
    assert words(path, "image") == ["ghcr.io/shop/cart:1.2"]


def test_what_comes_later_is_learned_and_what_is_gone_is_forgotten(store: Store, path: Path) -> None:
    take(store, of_pod("old", "2026-11-10T10:00:00Z"), of_pod("lasting", "2026-11-10T10:00:00Z"))
    learn(store.directory, path, NOW)
    take(store, of_pod("new"), of_pod("lasting"))
    learn(store.directory, path, NOW)
    assert pods(path) == ["lasting", "new", "old"]
    (kept,) = (file for file in store.files() if str(file.day) == "2026-11-20")
    catalog.save(store.directory, replace(store.catalog(), files=(kept,)))
    learn(store.directory, path, NOW)
    assert pods(path) == ["lasting", "new"]


def test_an_index_says_for_which_state_of_the_store_it_is(store: Store, path: Path) -> None:
    take(store, of_pod("web-1"))
    learn(store.directory, path, NOW)
    index = Index(path)
    assert index.state == state_of(store.directory)
    take(store, of_pod("web-2"))
    assert index.state != state_of(store.directory)
    index.close()


def test_after_compaction_all_is_known_that_was_before(store: Store, path: Path) -> None:
    for number in range(6):
        take(store, of_pod(f"web-{number}", f"2026-11-20T10:0{number}:00Z"))
    learn(store.directory, path, NOW)
    before = pods(path)
    assert run("store", "compact", "--store", str(store.directory)).status == 0
    assert len(store.files()) < 6
    learn(store.directory, path, NOW)
    assert pods(path) == before == [f"web-{number}" for number in range(6)]


def test_files_that_were_written_together_are_each_learned(store: Store, path: Path) -> None:
    take(store, of_pod("web-1"))
    take(store, of_pod("web-2"))
    written = []
    for number, file in enumerate(store.files()):
        place = file.path.with_name(f"0123456789abcdef-{number}.parquet")
        file.path.rename(place)
        written.append(replace(file, path=place))
    catalog.save(store.directory, replace(store.catalog(), files=tuple(written)))
    learn(store.directory, path, NOW)
    learn(store.directory, path, NOW)
    assert pods(path) == ["web-1", "web-2"]


def test_a_broken_segment_hides_no_other_names(store: Store, path: Path) -> None:
    take(store, of_pod("good", "2026-11-10T10:00:00Z"))
    take(store, of_pod("bad"))
    broken = max(store.files(), key=lambda file: str(file.day)).path
    broken.chmod(0o600)
    broken.write_bytes(b"no parquet")
    learn(store.directory, path, NOW)
    assert pods(path) == ["good"]


def test_of_too_many_names_the_first_and_the_very_last_are_given(path: Path) -> None:
    index = Index(path, is_writer=True)
    names = [f"web-{number:05}" for number in range(MOST * 3)]
    index.take("", [("Pod", name, "shop", "prod") for name in names], [])
    found = index.objects("Pod", "web", [], [])
    index.close()
    assert found == [*names[:MOST], names[-1]]


def test_the_index_can_be_read_by_its_user_alone(store: Store, path: Path) -> None:
    take(store, of_pod("web-1"))
    learn(store.directory, path, NOW)
    assert {stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_every_store_has_an_index_of_its_own(tmp_path: Path) -> None:
    assert place(tmp_path, tmp_path / "a") != place(tmp_path, tmp_path / "b")
