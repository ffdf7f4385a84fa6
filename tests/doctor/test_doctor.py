"""`kevents doctor` finds problems, suggests fixes, and completes even if a check fails."""

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
class Setup:
    """A kubeconfig for the scripted cluster, and a store that may not exist."""

    directory: Path
    url: str

    @property
    def store(self) -> Path:
        return self.directory / "store"

    def run(self, *flags: str, kubeconfig: bool = True) -> Screen:
        """Run `kevents doctor`. kubeconfig: whether there is one."""
        config = self.directory / "kubeconfig"
        config.write_text(
            "current-context: prod\n"
            "contexts: [{name: prod, context: {cluster: c, user: ann, namespace: shop}}]\n"
            f"clusters: [{{name: c, cluster: {{server: '{self.url}'}}}}]\n"
            "users: [{name: ann, user: {token: secret-token}}]\n"
        )
        config.chmod(0o600)
        path = str(config) if kubeconfig else str(self.directory / "none")
        env = {"KUBECONFIG": path, "KEVENTS_STORE": str(self.store)}
        return run("doctor", "--request-timeout", "1s", *flags, env=env)

    def findings(self, *, kubeconfig: bool = True) -> dict[str, dict[str, Any]]:
        """The findings by check."""
        rows = json.loads(self.run("-o", "json", kubeconfig=kubeconfig).out)
        return {row["check"]: row for row in rows}


@pytest.fixture
def setup(tmp_path: Path, server: Server) -> Setup:
    return Setup(tmp_path, server.url)


@pytest.fixture
def filled(setup: Setup) -> Setup:
    """With a store that has events."""
    assert run("import", str(INCIDENT), env={"KEVENTS_STORE": str(setup.store)}).status == 0
    return setup


def version(ahead: timedelta = timedelta()) -> Fault:
    """The response to /version of a server whose clock is ahead."""

    def fault(exchange: Exchange, _: Api) -> None:
        date = format_datetime(datetime.now(UTC) + ahead, usegmt=True)
        exchange.json({"gitVersion": "v1.36.0"}, headers={"Date": date})

    return fault


def access_review(is_allowed: Callable[[dict[str, str]], bool]) -> Fault:
    """The response to an access review."""

    def fault(exchange: Exchange, _: Api) -> None:
        attributes = json.loads(exchange.request.body)["spec"]["resourceAttributes"]
        assert (exchange.request.method, attributes["resource"]) == ("POST", "events")
        exchange.json({"kind": "SelfSubjectAccessReview", "status": {"allowed": is_allowed(attributes)}}, 201)

    return fault


def script(server: Server, first: Fault, reviews: Fault | None = None) -> None:
    server.script(first, when=lambda request: request.path == "/version")
    if reviews:
        server.script(*[reviews] * 4, when=lambda request: request.method == "POST")


def test_without_problems_every_finding_is_ok_and_the_status_is_0(filled: Setup, server: Server) -> None:
    script(server, version(), access_review(lambda _: True))
    screen = filled.run()
    assert screen.status == 0
    assert {line.split()[0] for line in screen.out.splitlines()[1:]} == {"ok"}
    assert "Kubernetes v1.36.0 at http://" in screen.out
    assert "context prod, user ann (token)" in screen.out
    assert "1 file present, size OK" in screen.out
    assert "secret-token" not in screen.out


@pytest.mark.parametrize(
    ("is_allowed", "mark", "text", "status"),
    [
        (lambda attributes: True, "ok", "can list and watch events in all namespaces", 0),
        (lambda attributes: attributes.get("namespace") == "shop", "warn", "in namespace shop, but not in all", 0),
        (lambda attributes: attributes["verb"] == "list", "fail", "cannot watch events, not even in namespace shop", 3),
        (lambda attributes: False, "fail", "cannot list or watch events, not even in namespace shop", 3),
    ],
)
def test_permissions_come_from_access_reviews(
    is_allowed: Callable[[dict[str, str]], bool], mark: str, text: str, status: int, setup: Setup, server: Server
) -> None:
    script(server, version(), access_review(is_allowed))
    finding = setup.findings()["permissions"]
    assert finding["mark"] == mark
    assert text in finding["finding"]
    assert mark == "ok" or "--print-rbac" in finding["advice"]
    script(server, version(), access_review(is_allowed))
    assert setup.run().status == status


def test_without_access_reviews_permissions_are_tested_by_a_request(setup: Setup, server: Server) -> None:
    script(server, version())
    assert setup.findings()["permissions"]["mark"] == "ok"
    script(server, version())
    server.script(faults.status(403, "Forbidden"), faults.status(403, "Forbidden"), when="list")
    assert setup.findings()["permissions"]["mark"] == "fail"


@pytest.mark.parametrize(
    ("ahead", "mark", "text"),
    [
        (timedelta(), "ok", "within 3s of the server's clock"),
        (timedelta(minutes=-5), "warn", "ahead of the server"),
        (timedelta(minutes=5), "warn", "behind the server"),
    ],
)
def test_the_clocks_are_compared(ahead: timedelta, mark: str, text: str, setup: Setup, server: Server) -> None:
    script(server, version(ahead))
    finding = setup.findings()["clock"]
    assert (finding["mark"], text in finding["finding"]) == (mark, True)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (faults.status(401, "Unauthorized"), "rejected the credentials (401)"),
        (faults.html(502), "the response is HTML (502)"),
        (faults.status(500, "InternalError"), "the server returned 500"),
        (faults.resets(), "lost the connection"),
        (faults.silent(), "timed out"),
    ],
)
def test_a_server_that_does_not_respond_correctly_is_a_failure_with_status_3(
    fault: Fault, text: str, setup: Setup, server: Server
) -> None:
    server.script(fault, fault)  # a 401 is retried once, with renewed credentials
    start = time.monotonic()
    screen = setup.run()
    assert screen.status == 3
    assert text in " ".join(screen.out.split())
    assert time.monotonic() - start < 5
    assert "Traceback" not in screen.out + screen.err


def test_a_denied_server_version_is_not_a_failure(setup: Setup, server: Server) -> None:
    script(server, faults.status(403, "Forbidden"))
    assert setup.findings()["server"]["mark"] == "ok"


def test_an_unreachable_server_is_a_failure_and_a_missing_kubeconfig_is_not(setup: Setup, server: Server) -> None:
    server.close()
    assert "refused the connection" in setup.findings()["cluster"]["finding"]
    finding = setup.findings(kubeconfig=False)["kubeconfig"]
    assert (finding["mark"], finding["finding"]) == ("warn", "not found; cluster commands won't work")
    assert setup.run(kubeconfig=False).status == 0  # importing dumps needs no cluster


def test_an_unknown_context_is_reported_with_a_suggestion(setup: Setup) -> None:
    screen = setup.run("--context", "prdo")
    assert screen.status == 3
    assert "Did you mean prod?" in screen.out


def test_a_missing_store_is_a_warning_with_two_ways_to_create_one(setup: Setup) -> None:
    findings = setup.findings(kubeconfig=False)
    assert (findings["store"]["mark"], findings["disk"]["mark"]) == ("warn", "ok")
    assert findings["store"]["advice"] == (
        "Run kevents record -A, or import a dump: kubectl get events -A -o json | kevents import -"
    )
    assert "lock" not in findings
    assert not setup.store.exists()


def test_damaged_files_are_reported_with_status_4(filled: Setup) -> None:
    arguments = ("import", str(INCIDENT), "--cluster", "other")
    assert run(*arguments, env={"KEVENTS_STORE": str(filled.store)}).status == 0
    assert "2 files present, sizes OK" in filled.findings(kubeconfig=False)["files"]["finding"]
    short, missing = Store(filled.store).files()
    short.path.write_bytes(b"PAR1")
    missing.path.unlink()
    finding = filled.findings(kubeconfig=False)["files"]
    assert finding["mark"] == "fail"
    assert f"{short.path.name} has 4 of {short.bytes:,} bytes" in finding["finding"]
    assert f"{missing.path.name} is missing" in finding["finding"]
    assert filled.run(kubeconfig=False).status == 4


def test_a_broken_catalog_does_not_stop_other_checks(filled: Setup) -> None:
    for catalog in filled.store.glob("catalog.json*"):
        catalog.write_text("{")
    findings = filled.findings(kubeconfig=False)
    assert findings["store"]["mark"] == "fail"
    assert findings["disk"]["mark"] == "ok"


def test_a_store_that_others_can_read_is_a_warning(filled: Setup) -> None:
    filled.store.chmod(0o755)
    assert filled.findings(kubeconfig=False)["privacy"]["mark"] == "warn"


def test_the_process_that_writes_is_reported(filled: Setup) -> None:
    lock = Lock(lock_of(filled.store))
    assert lock.acquire()
    try:
        assert f"process {lock.holder} is writing" in filled.findings(kubeconfig=False)["lock"]["finding"]
    finally:
        lock.release()


def test_the_state_of_recorders_is_reported(filled: Setup) -> None:
    now = datetime.now(UTC)
    directory = journal_directory(filled.store, "prod")
    directory.mkdir(parents=True)
    state = RecorderState("prod", 1, now, now - timedelta(minutes=10), state="watching", events=1234)

    def finding() -> dict[str, Any]:
        return filled.findings(kubeconfig=False)["recorder prod"]

    assert (finding()["mark"], finding()["finding"]) == ("warn", "stopped before recording anything")
    write_state(directory, state)
    dead = "died 10m ago without cleanup (killed, or host went down)"
    assert (finding()["mark"], finding()["finding"]) == ("warn", dead)
    assert "kevents record -A --cluster prod" in finding()["advice"]
    lock = Lock(lock_of(directory))
    assert lock.acquire()
    try:
        state = replace(state, updated=now)
        write_state(directory, state)
        assert (finding()["mark"], "1,234 events" in finding()["finding"]) == ("ok", True)
        write_state(directory, replace(state, state="full", last_error="no space left on device"))
        assert (finding()["mark"], finding()["advice"]) == ("warn", "Last error: no space left on device")
    finally:
        lock.release()


def test_an_error_in_a_check_is_a_finding_and_the_next_check_runs() -> None:
    checks = (("broken", lambda: [1 / 0]), ("next", lambda: [ok("next", "fine")]))
    error, fine = examine(checks)  # type: ignore[arg-type]
    assert (error.check, error.mark, error.status) == ("broken", "fail", 1)
    assert error.finding == "the check failed: ZeroDivisionError: division by zero"
    assert fine.finding == "fine"


def test_custom_reports_and_severities_with_errors_are_reported(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "broken.sql").write_text("SELECT 1")
    (tmp_path / "severity.toml").write_text('[Odd]\nseverity = "awful"\n')
    severity, report = program.configuration({"KEVENTS_CONFIG_DIR": str(tmp_path)})
    assert (severity.mark, report.mark) == ("warn", "warn")
    assert "awful" in severity.finding
    assert "broken" in report.finding
    (finding,) = program.configuration({"KEVENTS_CONFIG_DIR": str(tmp_path / "none")})
    assert finding.mark == "ok"


def test_a_missing_library_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "_LIBRARIES", ("duckdb", "no-such-library"))
    *_, finding = program.versions()
    assert (finding.mark, finding.finding, finding.status) == ("fail", "missing: no-such-library", 1)
