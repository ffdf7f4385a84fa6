"""The doctor finds what is wrong, says what to do, and never breaks itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from kevents.demo import INCIDENT
from kevents.doctor import program
from kevents.doctor.check import examine, ok
from kevents.store.journal.files import journal_directory
from kevents.store.journal.recorder_state import RecorderState, write_state
from kevents.store.lock import Lock
from kevents.store.paths import lock_of
from kevents.store.store import Store
from tests.screen import Screen, run
from tests.server import Server, faults
from tests.server.api import Api
from tests.server.exchange import Exchange
from tests.server.server import Fault


@dataclass
class Patient:
    """A kubeconfig for the scripted cluster and a store, both of which may not be there."""

    directory: Path
    url: str

    @property
    def store(self) -> Path:
        return self.directory / "store"

    def asks(self, *more: str, kubeconfig: bool = True) -> Screen:
        config = self.directory / "kubeconfig"
        config.write_text(
            "current-context: prod\n"
            "contexts: [{name: prod, context: {cluster: c, user: ann, namespace: shop}}]\n"
            f"clusters: [{{name: c, cluster: {{server: '{self.url}'}}}}]\n"
            "users: [{name: ann, user: {token: secret-token}}]\n"
        )
        known = str(config) if kubeconfig else str(self.directory / "none")
        env = {"KUBECONFIG": known, "KEVENTS_STORE": str(self.store)}
        return run("doctor", "--request-timeout", "1s", *more, env=env)

    def finds(self, **asked: bool) -> dict[str, dict[str, Any]]:
        return {one["check"]: one for one in json.loads(self.asks("-o", "json", **asked).shown)}


@pytest.fixture
def patient(tmp_path: Path, server: Server) -> Patient:
    return Patient(tmp_path, server.url)


@pytest.fixture
def fed(patient: Patient) -> Patient:
    assert run("import", str(INCIDENT), env={"KEVENTS_STORE": str(patient.store)}).status == 0
    return patient


def version(ahead: timedelta = timedelta()) -> Fault:
    """What /version says, at a server whose clock is ahead."""

    def fault(exchange: Exchange, _: Api) -> None:
        date = format_datetime(datetime.now(UTC) + ahead, usegmt=True)
        exchange.json({"gitVersion": "v1.36.0"}, headers={"Date": date})

    return fault


def allows(is_allowed: Callable[[dict[str, str]], bool]) -> Fault:
    """The answer to an access review."""

    def fault(exchange: Exchange, _: Api) -> None:
        asked = json.loads(exchange.request.body)["spec"]["resourceAttributes"]
        assert (exchange.request.method, asked["resource"]) == ("POST", "events")
        exchange.json({"kind": "SelfSubjectAccessReview", "status": {"allowed": is_allowed(asked)}}, 201)

    return fault


def script(server: Server, first: Fault, reviews: Fault | None = None) -> None:
    server.script(first, when=lambda request: request.path == "/version")
    if reviews:
        server.script(*[reviews] * 4, when=lambda request: request.method == "POST")


def test_where_all_is_well_everything_is_ok_and_the_status_0(fed: Patient, server: Server) -> None:
    script(server, version(), allows(lambda _: True))
    screen = fed.asks()
    assert screen.status == 0
    assert {line.split()[0] for line in screen.shown.splitlines()[1:]} == {"ok"}
    assert "Kubernetes v1.36.0" in screen.shown
    assert "context prod, user ann by a token" in screen.shown
    assert "secret-token" not in screen.shown


@pytest.mark.parametrize(
    ("is_allowed", "mark", "words", "status"),
    [
        (lambda asked: True, "ok", "all namespaces", 0),
        (lambda asked: asked.get("namespace") == "shop", "warn", "namespace shop, but not in all", 0),
        (lambda asked: asked["verb"] == "list", "fail", "may not watch events, not even in namespace shop", 3),
        (lambda asked: False, "fail", "may not list and watch events", 3),
    ],
)
def test_permissions_are_what_the_server_says_of_them(
    is_allowed: Callable[[dict[str, str]], bool], mark: str, words: str, status: int, patient: Patient, server: Server
) -> None:
    script(server, version(), allows(is_allowed))
    found = patient.finds()["permissions"]
    assert found["mark"] == mark
    assert words in found["finding"]
    assert mark == "ok" or "--print-rbac" in found["advice"]
    script(server, version(), allows(is_allowed))
    assert patient.asks().status == status


def test_a_server_without_access_reviews_is_tried(patient: Patient, server: Server) -> None:
    script(server, version())
    assert patient.finds()["permissions"]["mark"] == "ok"  # a list was answered
    script(server, version())
    server.script(faults.status(403, "Forbidden"), faults.status(403, "Forbidden"), when="list")
    assert patient.finds()["permissions"]["mark"] == "fail"


@pytest.mark.parametrize(
    ("ahead", "mark", "words"),
    [
        (timedelta(), "ok", "as the server's"),
        (timedelta(minutes=-5), "warn", "ahead of the server"),
        (timedelta(minutes=5), "warn", "behind the server"),
    ],
)
def test_the_clocks_are_compared(ahead: timedelta, mark: str, words: str, patient: Patient, server: Server) -> None:
    script(server, version(ahead))
    found = patient.finds()["clock"]
    assert (found["mark"], words in found["finding"]) == (mark, True)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faults.status(401, "Unauthorized"), "rejected the credentials (401)"),
        (faults.html(502), "the response is HTML (502)"),
        (faults.status(500, "InternalError"), "the server returned 500"),
        (faults.resets(), "lost the connection"),
        (faults.silent(), "timed out"),
    ],
)
def test_a_server_that_does_not_answer_well_is_a_failure_with_status_3(
    fault: Fault, words: str, patient: Patient, server: Server
) -> None:
    server.script(fault, fault)  # after a 401 credentials are had anew, and it is asked once more
    began = time.monotonic()
    screen = patient.asks()
    assert screen.status == 3
    assert words in " ".join(screen.shown.split())
    assert time.monotonic() - began < 5
    assert "Traceback" not in screen.shown + screen.said


def test_a_version_that_is_not_told_is_no_failure(patient: Patient, server: Server) -> None:
    script(server, faults.status(403, "Forbidden"))
    assert patient.finds()["server"]["mark"] == "ok"


def test_nobody_there_and_no_kubeconfig(patient: Patient, server: Server) -> None:
    server.close()
    assert "refused the connection" in patient.finds()["cluster"]["finding"]
    found = patient.finds(kubeconfig=False)
    assert found["kubeconfig"]["mark"] == "warn"
    assert patient.asks(kubeconfig=False).status == 0  # dumps need no cluster


def test_a_wrong_context_is_told_with_those_that_there_are(patient: Patient) -> None:
    screen = patient.asks("--context", "prdo")
    assert screen.status == 3
    assert "Did you mean prod?" in screen.shown


def test_no_store_yet_is_worth_a_word_but_no_failure(patient: Patient) -> None:
    found = patient.finds(kubeconfig=False)
    assert (found["store"]["mark"], found["disk"]["mark"]) == ("warn", "ok")
    assert "lock" not in found
    assert not patient.store.exists()


def test_damaged_files_are_named_and_the_status_is_4(fed: Patient) -> None:
    again = ("import", str(INCIDENT), "--cluster", "other")
    assert run(*again, env={"KEVENTS_STORE": str(fed.store)}).status == 0
    short, missing = Store(fed.store).files()
    short.path.write_bytes(b"PAR1")
    missing.path.unlink()
    found = fed.finds(kubeconfig=False)["files"]
    assert found["mark"] == "fail"
    assert f"{short.path.name} has 4 of {short.bytes:,} bytes" in found["finding"]
    assert f"{missing.path.name} is missing" in found["finding"]
    assert fed.asks(kubeconfig=False).status == 4


def test_a_broken_catalog_hides_no_other_finding(fed: Patient) -> None:
    for catalog in fed.store.glob("catalog.json*"):
        catalog.write_text("{")
    found = fed.finds(kubeconfig=False)
    assert found["store"]["mark"] == "fail"
    assert found["disk"]["mark"] == "ok"


def test_a_store_that_others_can_read_is_worth_a_word(fed: Patient) -> None:
    fed.store.chmod(0o755)
    assert fed.finds(kubeconfig=False)["privacy"]["mark"] == "warn"


def test_who_writes_is_named(fed: Patient) -> None:
    lock = Lock(lock_of(fed.store))
    assert lock.acquire()
    try:
        assert f"process {lock.holder} is writing" in fed.finds(kubeconfig=False)["lock"]["finding"]
    finally:
        lock.release()


def test_recorders_are_well_or_not(fed: Patient) -> None:
    now = datetime.now(UTC)
    directory = journal_directory(fed.store, "prod")
    directory.mkdir(parents=True)
    state = RecorderState("prod", 1, now, now - timedelta(minutes=10), state="watching", events=1234)

    def found() -> dict[str, Any]:
        return fed.finds(kubeconfig=False)["recorder prod"]

    write_state(directory, state)
    assert (found()["mark"], "died 10m ago" in found()["finding"]) == ("warn", True)
    assert "kevents record -A --cluster prod" in found()["advice"]
    lock = Lock(lock_of(directory))
    assert lock.acquire()
    try:
        assert (found()["mark"], "1,234 events" in found()["finding"]) == ("ok", True)
        write_state(directory, replace(state, state="full", last_error="no space left on device"))
        assert (found()["mark"], found()["advice"]) == ("warn", "It says: no space left on device")
    finally:
        lock.release()


def test_a_check_that_breaks_is_a_finding_and_the_next_one_is_made() -> None:
    broken, fine = examine((("odd", lambda: [1 / 0]), ("next", lambda: [ok("next", "well")])))  # type: ignore[list-item]
    assert (broken.check, broken.mark, broken.status) == ("odd", "fail", 1)
    assert "ZeroDivisionError" in broken.finding
    assert fine.finding == "well"


def test_own_things_that_are_left_out_are_named(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "broken.sql").write_text("SELECT 1")
    (tmp_path / "severity.toml").write_text('[Odd]\nseverity = "awful"\n')
    found = list(program.configuration({"KEVENTS_CONFIG_DIR": str(tmp_path)}))
    assert [one.mark for one in found] == ["warn", "warn"]
    assert "awful" in found[0].finding
    assert "broken" in found[1].finding
    (quiet,) = program.configuration({"KEVENTS_CONFIG_DIR": str(tmp_path / "none")})
    assert quiet.mark == "ok"


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "_LIBRARIES", ("duckdb", "no-such-library"))
    *_, found = program.versions()
    assert (found.mark, found.finding, found.status) == ("fail", "missing: no-such-library", 1)
