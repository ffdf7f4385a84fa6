"""Prints files that run a recorder with the same flags: a systemd unit, or manifests for a cluster."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kevents.cli.cluster import connection_of
from kevents.cli.program import terminal_of
from kevents.errors import SourceError, UsageError
from kevents.record.manifest import IMAGE, manifest, rbac
from kevents.record.systemd_unit import unit
from kevents.source.cluster.credentials import resolve_context

if TYPE_CHECKING:
    import typer

    from kevents.cli.flags import ConnectionFlags, PrintFlags

_NAMES = ("kevents", "kubectl-kevents")
_ENDING = {"once", "duration"}  # a service must not exit by itself
_PRINTS = {"print_rbac", "print_unit", "print_manifest", "image"}
_PATHS = {"kubeconfig"}
_OF_USER = {"kube_cluster", "user", "as_", "as_group"}


@dataclass(frozen=True)
class ServiceFiles:
    """A command line of `kevents record`. names: the namespaces of -n; directory: the store."""

    context: typer.Context
    connection: ConnectionFlags
    names: Sequence[str]
    directory: Path

    def printed(self, prints: PrintFlags) -> str | None:
        """The text of the file that the flags ask for, if any."""
        if prints.print_rbac:
            return rbac(() if self._value("all_namespaces") else self.names)
        if prints.image and not prints.print_manifest:
            raise UsageError("--image is only used with --print-manifest")
        if prints.print_unit:
            return self._unit()
        return self._manifest(prints.image) if prints.print_manifest else None

    def _unit(self) -> str:
        """A systemd unit that runs this command line without the user's environment.

        The store is included because it may come from a variable, and the context because kubectl can change it.
        """
        self._check_endless("--print-unit")
        kube_context = self._kube_context()
        named = ["--context", kube_context] if kube_context else []
        flags = [*self._typed({*_PRINTS, "store", "kube_context"}), *named, "--store", str(self.directory.absolute())]
        env = terminal_of(self.context).env
        variables = {name: env[name] for name in ("KUBECONFIG", "PATH") if env.get(name)}  # PATH for exec plugins
        return unit([*_program(), "record", *flags], variables, self._value("cluster") or kube_context or "a cluster")

    def _manifest(self, image: str | None) -> str:
        """Manifests of a recorder with these flags and its own service account and store."""
        self._check_endless("--print-manifest")
        if unusable := self._given(_OF_USER):
            sentence = f"{_name(unusable[0])} has no meaning in a cluster: the recorder uses its service account there"
            raise UsageError(sentence, "Leave it out; the permissions are part of the manifest.")
        everywhere = bool(self._value("all_namespaces"))
        if not everywhere and not self.names:
            raise UsageError("which namespaces should it record?", "Use -A for all, or -n NAME for each.")
        label = self._value("cluster") or self._kube_context()
        flags = self._typed({*_PRINTS, *_OF_USER, "kube_context", "kubeconfig", "store", "cluster"})
        named = ["--cluster", str(label)] if label else []
        return manifest([*flags, *named], () if everywhere else self.names, image or IMAGE)

    def _kube_context(self) -> str | None:
        """The context of the flags, else of the kubeconfig; None without a kubeconfig."""
        try:
            return resolve_context(*connection_of(self.connection, terminal_of(self.context))).context
        except SourceError:
            if self.connection.kube_context or self.connection.kubeconfig:
                raise
            return None

    def _check_endless(self, what: str) -> None:
        if ending := self._given(_ENDING):
            raise UsageError(f"{what} can't be combined with {_name(ending[0])}: a service runs until it is stopped")

    def _typed(self, without: Collection[str]) -> Iterator[str]:
        """The given flags as typed, but with absolute paths, because a service runs in another directory."""
        for option in self._given({option.name for option in self.context.command.params} - set(without)):
            value = self._value(option.name)
            for each in value if isinstance(value, list | tuple) else [value]:
                yield _name(option)
                if not option.is_flag:
                    yield str(Path(each).expanduser().absolute()) if option.name in _PATHS else str(each)

    def _given(self, names: Collection[str]) -> list[Any]:
        """The options among the names whose values differ from their defaults."""
        options: list[Any] = [option for option in self.context.command.params if option.name in names]
        return [option for option in options if self._value(option.name) and self._value(option.name) != option.default]

    def _value(self, name: str) -> Any:
        return self.context.params.get(name)


def _program() -> list[str]:
    """The command that runs kevents: the one that was called, else the one on PATH, else the interpreter."""
    called = Path(sys.argv[0])
    current = shutil.which(str(called)) if called.stem in _NAMES else None
    program = current or shutil.which("kevents")
    return [str(Path(program).absolute())] if program else [sys.executable, "-m", "kevents"]


def _name(option: Any) -> str:
    """The flag's long name."""
    return next((str(name) for name in option.opts if name.startswith("--")), str(option.opts[0]))
