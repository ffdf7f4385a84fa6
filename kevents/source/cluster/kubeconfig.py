"""Which cluster, user and namespace the kubeconfig files and kubectl's flags choose, by kubectl's own rules."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kevents.errors import SourceError

Entry = dict[str, Any]

_PATHS = {"clusters": ("certificate-authority",), "users": ("client-certificate", "client-key", "tokenFile")}
_INNER = {"contexts": "context", "clusters": "cluster", "users": "user"}


@dataclass(frozen=True)
class Flags:
    """kubectl's connection flags; None where the user said nothing."""

    kubeconfig: Path | None = None
    context: str | None = None
    cluster_entry: str | None = None  # kubectl's --cluster: the name of a kubeconfig's cluster entry
    user: str | None = None
    as_user: str | None = None
    as_groups: tuple[str, ...] = ()
    request_timeout: float | None = None  # seconds; 0 and None for no limit of the user's own


@dataclass(frozen=True)
class Chosen:
    """The entries that together say how to reach a cluster, with every path made absolute."""

    context: str
    cluster_name: str
    cluster: Entry
    user_name: str
    user: Entry
    namespace: str
    directory: Path  # of the file with the user's entry: an exec plugin's relative command is found from there


@dataclass
class Kubeconfig:
    """Several kubeconfig files as one: the first file to name an entry, or the current context, wins."""

    entries: dict[str, dict[str, Entry]] = field(default_factory=lambda: {kind: {} for kind in _INNER})
    directories: dict[str, Path] = field(default_factory=dict)  # of users
    current: str | None = None


def find(flags: Flags, environ: Mapping[str, str], home: Path) -> list[Path]:
    """The kubeconfig files to read, of those that exist; an explicit one must."""
    if flags.kubeconfig is not None:
        if not flags.kubeconfig.expanduser().is_file():
            raise SourceError(f"there is no kubeconfig {flags.kubeconfig}", "Check the path given to --kubeconfig.")
        return [flags.kubeconfig.expanduser()]
    listed = environ.get("KUBECONFIG", "")
    paths = [Path(path).expanduser() for path in listed.split(os.pathsep) if path] or [home / ".kube" / "config"]
    return [path for path in paths if path.is_file()]


def merge(paths: Iterable[Path]) -> Kubeconfig:
    """The files as one kubeconfig."""
    merged = Kubeconfig()
    for path in paths:
        config = _load(path)
        directory = path.resolve().parent
        merged.current = merged.current or config.get("current-context") or None
        for kind, inner in _INNER.items():
            for item in config.get(kind) or []:
                name, entry = _entry(item, inner, path)
                if name in merged.entries[kind]:
                    continue
                merged.entries[kind][name] = _absolute(entry, kind, directory)
                if kind == "users":
                    merged.directories[name] = directory
    return merged


def choose(config: Kubeconfig, flags: Flags) -> Chosen:
    """The cluster and user that the flags, else the current context, name."""
    name = flags.context or config.current or ""
    context: Entry = {}
    if name:
        context = _named(config, "contexts", name, "context")
    elif flags.cluster_entry is None:
        raise SourceError("the kubeconfig has no current context", _choices("--context", config.entries["contexts"]))
    cluster_name = flags.cluster_entry or str(context.get("cluster") or "")
    user_name = flags.user or str(context.get("user") or "")
    return Chosen(
        context=name,
        cluster_name=cluster_name,
        cluster=_named(config, "clusters", cluster_name, "cluster entry"),
        user_name=user_name,
        user=_named(config, "users", user_name, "user") if user_name else {},
        namespace=str(context.get("namespace") or "default"),
        directory=config.directories.get(user_name, Path()),
    )


def _load(path: Path) -> Entry:
    import yaml

    hint = "`kubectl config view` says what is wrong with it."
    try:
        config = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"the kubeconfig {path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        place = f", line {mark.line + 1}" if (mark := getattr(error, "problem_mark", None)) else ""
        raise SourceError(f"the kubeconfig {path} is not valid YAML{place}", hint) from error
    if config is None:
        return {}
    if not isinstance(config, dict) or not all(isinstance(config.get(kind) or [], list) for kind in _INNER):
        raise SourceError(f"{path} is not a kubeconfig", hint)
    return config


def _entry(item: object, inner: str, path: Path) -> tuple[str, Entry]:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise SourceError(f"the kubeconfig {path} has a {inner} without a name")
    entry = item.get(inner) or {}
    if not isinstance(entry, dict):
        raise SourceError(f'the kubeconfig {path} has a {inner} "{item["name"]}" that says nothing')
    return item["name"], entry


def _absolute(entry: Entry, kind: str, directory: Path) -> Entry:
    """The entry with its paths made absolute: they are relative to the file that names them."""
    paths = {key: str(directory / str(entry[key])) for key in _PATHS.get(kind, ()) if entry.get(key)}
    return {**entry, **paths}


def _named(config: Kubeconfig, kind: str, name: str, called: str) -> Entry:
    found = config.entries[kind].get(name)
    if found is None:
        flag = {"contexts": "--context", "clusters": "--kube-cluster", "users": "--user"}[kind]
        near = difflib.get_close_matches(name, config.entries[kind], n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else _choices(flag, config.entries[kind])
        raise SourceError(f'the kubeconfig has no {called} "{name}"', hint)
    return found


def _choices(flag: str, entries: Mapping[str, Entry]) -> str:
    shown = ", ".join(list(entries)[:8]) + (", …" if len(entries) > 8 else "")
    return f"Choose with {flag}: {shown}." if entries else "The kubeconfig names none at all."
