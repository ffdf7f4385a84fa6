"""From the flags of `kevents record` to what keeps it running: a systemd unit, or a Deployment in the cluster."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kevents.cli.program import terminal_of
from kevents.errors import SourceError, UsageError

if TYPE_CHECKING:
    import typer

    from kevents.cli.console import Terminal
    from kevents.cli.flags import ConnectionFlags, PrintFlags

_NAMES = ("kevents", "kubectl-kevents")
_ENDS = {"once", "duration"}  # a recorder that ends by itself needs nobody to start it again
_PRINTS = {"print_rbac", "print_unit", "print_manifest", "image"}
_PATHS = {"kubeconfig"}
_OF_USER = {"kube_cluster", "user", "as_", "as_group"}


@dataclass(frozen=True)
class Installing:
    """A command line of `kevents record`. names: the namespaces of -n; folder: the store."""

    context: typer.Context
    connection: ConnectionFlags
    names: Sequence[str]
    folder: Path

    def printed(self, prints: PrintFlags) -> str | None:
        """What is to be printed instead of recording, if anything is."""
        from kevents.record.manifest import RBAC

        if prints.print_rbac:
            return RBAC
        if prints.image and not prints.print_manifest:
            raise UsageError("--image is for --print-manifest", "Give both, or neither.")
        if prints.print_unit:
            return self._unit()
        return self._manifest(prints.image) if prints.print_manifest else None

    def _unit(self) -> str:
        """The unit that runs this very command line, whatever the environment of a service lacks.

        It names the store and the context: the one may come from a variable, the other is changed by a single kubectl.
        """
        from kevents.record.systemd_unit import unit

        self._check_goes_on("--print-unit")
        chosen = self._context()
        named = ["--context", chosen] if chosen else []
        flags = [*self._typed({*_PRINTS, "store", "kube_context"}), *named, "--store", str(self.folder.absolute())]
        env = self._terminal.env
        kept = {name: env[name] for name in ("KUBECONFIG", "PATH") if env.get(name)}  # on PATH are credential plugins
        return unit([*_program(), "record", *flags], kept, self._value("cluster") or chosen or "a cluster")

    def _manifest(self, image: str | None) -> str:
        """The manifest of a recorder with these flags, which is a service account and has a store of its own."""
        from kevents.record.manifest import IMAGE, manifest

        self._check_goes_on("--print-manifest")
        if meaningless := self._given(_OF_USER):
            sentence = f"{_name(meaningless[0])} means nothing in a cluster: there the recorder is its service account"
            raise UsageError(sentence, "Leave it out; the rights are part of the manifest.")
        everywhere = bool(self._value("all_namespaces"))
        if not everywhere and not self.names:
            raise UsageError("which namespaces is it to record?", "-A for all, or -n NAME for each.")
        label = self._value("cluster") or self._context()
        flags = self._typed({*_PRINTS, *_OF_USER, "kube_context", "kubeconfig", "store", "cluster"})
        named = ["--cluster", str(label)] if label else []
        return manifest([*flags, *named], () if everywhere else self.names, image or IMAGE)

    @property
    def _terminal(self) -> Terminal:
        return terminal_of(self.context)

    def _context(self) -> str | None:
        """The context that the flags, else the kubeconfig choose; None where there is none to choose from."""
        from kevents.cli.live import connection_of
        from kevents.source.cluster.credentials import choose

        try:
            return choose(*connection_of(self.connection, self._terminal)).context
        except SourceError:
            if self.connection.kube_context or self.connection.kubeconfig:
                raise
            return None

    def _check_goes_on(self, what: str) -> None:
        if ends := self._given(_ENDS):
            sentence = f"{what} is for a recorder that goes on, and {_name(ends[0])} ends it"
            raise UsageError(sentence, "Leave one of them out.")

    def _typed(self, without: Collection[str]) -> Iterator[str]:
        """The flags that were given, as they are typed; paths made absolute, for a service starts elsewhere."""
        for option in self._given({one.name for one in self.context.command.params} - set(without)):
            value = self._value(option.name)
            for one in value if isinstance(value, list | tuple) else [value]:
                yield _name(option)
                if not option.is_flag:
                    yield str(Path(one).expanduser().absolute()) if option.name in _PATHS else str(one)

    def _given(self, names: Collection[str]) -> list[Any]:
        """Those of the options that say something else than their defaults."""
        known: list[Any] = [one for one in self.context.command.params if one.name in names]
        return [one for one in known if self._value(one.name) and self._value(one.name) != one.default]

    def _value(self, name: str) -> Any:
        return self.context.params.get(name)


def _program() -> list[str]:
    """How this kevents is run: the command it was called by, else the one that is found, else the interpreter."""
    called = Path(sys.argv[0])
    own = shutil.which(str(called)) if called.stem in _NAMES else None
    found = own or shutil.which("kevents")
    return [str(Path(found).absolute())] if found else [sys.executable, "-m", "kevents.cli.main"]


def _name(option: Any) -> str:
    """The flag's long name."""
    return next((str(name) for name in option.opts if name.startswith("--")), str(option.opts[0]))
