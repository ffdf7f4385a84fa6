"""Resolves the cluster, user and namespace from kubeconfig files and flags, by the same rules as kubectl."""

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
_INNER_KEYS = {"contexts": "context", "clusters": "cluster", "users": "user"}
_SELECTING_FLAGS = {"contexts": "--context", "clusters": "--kube-cluster", "users": "--user"}


@dataclass(frozen=True)
class Flags:
    """kubectl's connection flags; None if not given."""

    kubeconfig: Path | None = None
    context: str | None = None
    cluster_entry: str | None = None  # kubectl's --cluster: the name of a cluster entry in the kubeconfig
    user: str | None = None
    as_user: str | None = None
    as_groups: tuple[str, ...] = ()
    request_timeout: float | None = None  # seconds; None and 0 for the default timeouts


@dataclass(frozen=True)
class ResolvedContext:
    """The entries that are needed to connect to a cluster, with absolute paths."""

    context: str
    cluster_name: str
    cluster: Entry
    user_name: str
    user: Entry
    namespace: str
    directory: Path  # of the file with the user entry: the command of an exec plugin may be relative to it


@dataclass
class Kubeconfig:
    """Several kubeconfig files merged into one. The first file that has an entry, or a current context, wins."""

    entries: dict[str, dict[str, Entry]] = field(default_factory=lambda: {kind: {} for kind in _INNER_KEYS})
    directories: dict[str, Path] = field(default_factory=dict)  # by user
    current_context: str | None = None


def find(flags: Flags, environ: Mapping[str, str], home: Path) -> list[Path]:
    """The existing kubeconfig files. It is an error if the file given with --kubeconfig does not exist."""
    if flags.kubeconfig is not None:
        if not flags.kubeconfig.expanduser().is_file():
            raise SourceError(f"no such kubeconfig: {flags.kubeconfig}", "Check the path given to --kubeconfig.")
        return [flags.kubeconfig.expanduser()]
    variable = environ.get("KUBECONFIG", "")
    paths = [Path(path).expanduser() for path in variable.split(os.pathsep) if path] or [home / ".kube" / "config"]
    return [path for path in paths if path.is_file()]


def merge(paths: Iterable[Path]) -> Kubeconfig:
    """Read the files and merge them."""
    merged = Kubeconfig()
    for path in paths:
        config = _load(path)
        directory = path.resolve().parent
        merged.current_context = merged.current_context or config.get("current-context") or None
        for kind, inner_key in _INNER_KEYS.items():
            for item in config.get(kind) or []:
                name, entry = _parse_item(item, inner_key, path)
                if name in merged.entries[kind]:
                    continue
                merged.entries[kind][name] = _with_absolute_paths(entry, kind, directory)
                if kind == "users":
                    merged.directories[name] = directory
    return merged


def resolve_context(config: Kubeconfig, flags: Flags) -> ResolvedContext:
    """The context given by the flags, else the current one, with the cluster and user that flags may override."""
    name = flags.context or config.current_context or ""
    context: Entry = {}
    if name:
        context = _entry(config, "contexts", name)
    elif flags.cluster_entry is None:
        raise SourceError("the kubeconfig has no current context", _choices(config, "contexts"))
    cluster_name = flags.cluster_entry or str(context.get("cluster") or "")
    user_name = flags.user or str(context.get("user") or "")
    return ResolvedContext(
        context=name,
        cluster_name=cluster_name,
        cluster=_entry(config, "clusters", cluster_name),
        user_name=user_name,
        user=_entry(config, "users", user_name) if user_name else {},
        namespace=str(context.get("namespace") or "default"),
        directory=config.directories.get(user_name, Path()),
    )


def _load(path: Path) -> Entry:
    import yaml

    hint = "`kubectl config view` shows what is wrong with it."
    try:
        config = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot read the kubeconfig {path}: {error}") from error
    except yaml.YAMLError as error:
        place = f", line {mark.line + 1}" if (mark := getattr(error, "problem_mark", None)) else ""
        raise SourceError(f"the kubeconfig {path} is not valid YAML{place}", hint) from error
    if config is None:
        return {}
    if not isinstance(config, dict) or not all(isinstance(config.get(kind) or [], list) for kind in _INNER_KEYS):
        raise SourceError(f"{path} is not a kubeconfig", hint)
    return config


def _parse_item(item: object, inner_key: str, path: Path) -> tuple[str, Entry]:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise SourceError(f"the kubeconfig {path} has a {inner_key} without a name")
    entry = item.get(inner_key) or {}
    if not isinstance(entry, dict):
        raise SourceError(f'the {inner_key} "{item["name"]}" in the kubeconfig {path} is not a mapping')
    return item["name"], entry


def _with_absolute_paths(entry: Entry, kind: str, directory: Path) -> Entry:
    """The entry with absolute paths; they are relative to the directory of the kubeconfig file."""
    paths = {key: str(directory / str(entry[key])) for key in _PATHS.get(kind, ()) if entry.get(key)}
    return {**entry, **paths}


def _entry(config: Kubeconfig, kind: str, name: str) -> Entry:
    entry = config.entries[kind].get(name)
    if entry is None:
        noun = "cluster entry" if kind == "clusters" else _INNER_KEYS[kind]
        matches = difflib.get_close_matches(name, config.entries[kind], n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(matches)}?" if matches else _choices(config, kind)
        raise SourceError(f'the kubeconfig has no {noun} "{name}"', hint)
    return entry


def _choices(config: Kubeconfig, kind: str) -> str:
    names = list(config.entries[kind])
    if not names:
        return f"The kubeconfig has no {kind}."
    return f"Select one with {_SELECTING_FLAGS[kind]}: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}."
