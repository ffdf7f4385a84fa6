"""Puts secrets in every place of a kubeconfig, runs commands, and searches everything they write for the secrets."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.server import Server, faults
from tests.server.api import Api
from tests.server.exchange import Exchange

SECRET = "s3cr3t-Zk81"
_PLUGIN = """#!/bin/sh
echo "$PLUGIN_SECRET and $2" >&2
cat "$0.json"
exit {status}
"""
_EXEC = (
    "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [--client-secret, s3cr3t-Zk81-arg], "
    "env: [{name: PLUGIN_SECRET, value: s3cr3t-Zk81-env}]}}"
)


@dataclass(frozen=True)
class Place:
    """A place for secrets. url: the user info of the server's URL. plugin: the output and status of an exec plugin."""

    name: str
    user: str = "{}"
    cluster: str = ""
    url: str = ""
    token_file: str | None = None
    plugin: tuple[str, int] | None = None
    flags: tuple[str, ...] = ()

    def kubeconfig(self, server: str, directory: Path) -> Path:
        """Write a kubeconfig with the secrets, and the files that it refers to."""
        directory.mkdir(parents=True, exist_ok=True)
        if self.token_file is not None:
            (directory / "token").write_text(self.token_file)
        if self.plugin:
            output, status = self.plugin
            (directory / "plugin").write_text(_PLUGIN.format(status=status))
            (directory / "plugin").chmod(0o700)
            (directory / "plugin.json").write_text(output)
        scheme, _, host = server.partition("://")
        url = json.dumps(f"{scheme}://{self.url}{host}")
        config = directory / "kubeconfig"
        config.write_text(
            "current-context: prod\n"
            "contexts: [{name: prod, context: {cluster: c, user: ann}}]\n"
            f"clusters: [{{name: c, cluster: {{server: {url}{self.cluster}}}}}]\n"
            f"users: [{{name: ann, user: {self.user}}}]\n"
        )
        config.chmod(0o600)
        return config


def _credential(token: str) -> str:
    version = "client.authentication.k8s.io/v1"
    return json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": {"token": token}})


def _user(**entries: str) -> str:
    return json.dumps(entries)


_KEY = base64.b64encode(f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n".encode()).decode()
PLACES = (
    Place("token", _user(token=f"{SECRET}-token")),
    Place("token with a line end", _user(token=f"{SECRET}-token\n")),
    Place("token with a line break", _user(token=f"{SECRET}-token\nsecond")),
    Place("token with a null", _user(token=f"{SECRET}-token\0x")),
    Place("token in two lines", "{tokenFile: token}", token_file=f"{SECRET}-token\nsecond\n"),
    Place("token file with a line end", "{tokenFile: token}", token_file=f" {SECRET}-token\r\n"),
    Place("token outside of Latin-1", _user(token=f"{SECRET}-tökén€")),
    Place("plugin", _EXEC, plugin=(_credential(f"{SECRET}-token\n"), 0)),
    Place("plugin with a line break", _EXEC, plugin=(_credential(f"{SECRET}-to\nken"), 0)),
    Place("plugin that fails", _EXEC, plugin=(_credential(f"{SECRET}-token"), 1)),
    Place("plugin without JSON", _EXEC, plugin=(f"{SECRET}-token", 0)),
    Place("password", _user(username="ann", password=f"{SECRET}-password")),
    Place("password outside of Latin-1", _user(username="ann", password=f"{SECRET}-€")),
    Place("password with a line break", _user(username="ann", password=f"{SECRET}-pass\nword")),
    Place("client key", _user(**{"client-key-data": _KEY, "client-certificate-data": _KEY})),
    Place("URL", url=f"ann:{SECRET}-url@"),
    Place("URL with a token", _user(token=f"{SECRET}-token"), url=f"ann:{SECRET}-url@"),
    Place("URL with a token as the user", url=f"{SECRET}-url@"),
    Place("URL with a slash", url=f"ann:12/{SECRET}-url@"),
    Place("URL with an invalid port", url=f"ann:{SECRET}/url@"),
    Place("URL with an @", url=f"ann:{SECRET}@url@"),
    Place("URL with a bracket", url=f"ann:[{SECRET}@"),
    Place("URL with percent signs", url=f"ann:{SECRET}-%E2%82%AC%0A@"),
    Place("proxy", cluster=f", proxy-url: 'http://ann:{SECRET}-proxy@127.0.0.1:9'"),
    Place("SOCKS proxy", cluster=f", proxy-url: 'socks5://ann:{SECRET}-proxy@127.0.0.1:9'"),
    Place("proxy with an unknown scheme", cluster=f", proxy-url: 'ftp://ann:{SECRET}-proxy@127.0.0.1:9'"),
    Place("proxy without a scheme", cluster=f", proxy-url: 'ann:{SECRET}-proxy@127.0.0.1:9'"),
    Place("proxy with an invalid port", cluster=f", proxy-url: 'http://ann:{SECRET}-proxy@127.0.0.1:port'"),
    Place("impersonation", _user(**{"token": "t", "as": f"bob\r\nX: {SECRET}"})),
    Place("impersonation by flag", _user(token="t"), flags=("--as", f"bob\r\nX: {SECRET}")),
)


def echo(exchange: Exchange, _: Api) -> None:
    """A page that shows the headers of the request, as debugging proxies do."""
    text = "\n".join(f"{name}: {value}" for name, value in exchange.request.headers.items())
    exchange.respond(400, text.encode("latin-1"), {"Content-Type": "text/plain"})


MODES = {
    "answers": (),
    "rejects": [faults.status(401, "Unauthorized")] * 6,
    "echoes": [echo] * 6,
    "resets": [faults.resets()] * 6,
}
RECORD = ("record", "-A", "--once", "--log-format", "json")
COMMANDS = (
    ("record", "-A", "--duration", "1s"),
    ("tail", "-A", "--no-follow"),
    ("describe", "pod/web-1", "-n", "shop"),
    ("status", "-o", "wide"),
    ("status", "-o", "json"),
    ("doctor",),
    ("doctor", "-o", "json"),
    ("coverage", "-o", "json"),
    ("list", "-o", "json"),
    ("overview",),
    ("store", "info"),
    ("store", "verify"),
    ("record", "-A", "--print-unit"),
    ("record", "-A", "--print-manifest"),
    ("record", "--kube-cluster", "c", "--context", "prod", "--once"),
)
CONNECTING = {"record", "tail", "describe", "doctor"}


@dataclass(frozen=True)
class Ran:
    """A command line, its exit status, and what it wrote."""

    arguments: tuple[str, ...]
    status: int
    output: str


def ran(place: Place, server: str, directory: Path, commands: Iterable[tuple[str, ...]]) -> Iterator[Ran]:
    """Run the commands with a kubeconfig that has secrets in a place."""
    config = place.kubeconfig(server, directory)
    inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    env = inherited | {"KUBECONFIG": str(config), "KEVENTS_STORE": str(directory / "store"), "HOME": str(directory)}
    for command in commands:
        arguments = (*command, *(place.flags if command[0] in CONNECTING else ()))
        completed = subprocess.run(
            [sys.executable, "-m", "kevents", *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=60,
        )
        yield Ran(arguments, completed.returncode, completed.stdout.decode("utf-8", "replace"))


def findings(place: Place, directory: Path, outputs: Iterable[Ran]) -> list[str]:
    """Where a secret appears: in the output of a command, or in a file or the name of a file of the store."""
    found = [f"{place.name}: {' '.join(each.arguments)!r}: {each.output}" for each in outputs if _has(each.output)]
    for path in (directory / "store").rglob("*"):
        data = path.read_bytes().decode("latin-1") if path.is_file() else ""
        if _has(str(path.relative_to(directory))) or _has(data):
            found.append(f"{place.name}: {path}")
    return found


def unreachable() -> str:
    """The URL of a server that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def script(server: Server, mode: str) -> None:
    """Let the server respond in this way to the next requests."""
    server.script(*MODES[mode])


def _has(text: str) -> bool:
    encoded = base64.b64encode(SECRET.encode()).decode().rstrip("=")
    return any(form in text for form in (SECRET, quote(SECRET), encoded[:-2], _KEY))
