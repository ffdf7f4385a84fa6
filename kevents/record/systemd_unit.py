"""A systemd user unit that keeps a recorder running."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kevents.errors import UsageError

_UNIT = """\
# Runs this recorder while you are logged in, and restarts it if it fails.
#     kevents record … --print-unit > ~/.config/systemd/user/kevents-record.service
#     systemctl --user daemon-reload
#     systemctl --user enable --now kevents-record
#     loginctl enable-linger       # keeps it running while you are logged out
# Log: journalctl --user -u kevents-record. State: kevents status, kevents doctor.

[Unit]
Description=kevents record: Kubernetes events of {cluster}
StartLimitIntervalSec=0

[Service]
ExecStart={command}
{environment}# Restart after failures such as a missing network, but not after a usage error (exit status 2).
Restart=on-failure
RestartSec=10s
RestartPreventExitStatus=2
# SIGTERM stops it cleanly. It then writes its journal into the store, which takes a few seconds.
TimeoutStopSec=60s

# Event messages can contain secrets: make its files readable by this user only.
UMask=0077
# Sandboxing that works for user units. File system access is not restricted, because credential plugins keep their
# tokens in directories of their own.
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=default.target
"""


def unit(command: Sequence[str], environment: Mapping[str, str], cluster: str) -> str:
    """The unit file that runs the command with these environment variables. cluster: for the description."""
    variables = "".join(f"Environment={_word(f'{name}={value}')}\n" for name, value in environment.items())
    executable, *arguments = command
    line = " ".join((_word(executable), *(_word(argument).replace("$", "$$") for argument in arguments)))
    return _UNIT.format(command=line, environment=variables, cluster=_escape_percent(_checked(cluster)))


def _word(text: str) -> str:
    """The text as one word of a unit file (systemd.syntax), quoted if necessary."""
    plain = _escape_percent(_checked(text))
    if plain and not set(plain) & set(" \t\"'\\;"):
        return plain
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _escape_percent(text: str) -> str:
    """The text with `%` doubled, which otherwise starts a specifier."""
    return text.replace("%", "%%")


def _checked(text: str) -> str:
    """The text; raises UsageError if it contains control characters, such as a line break."""
    if any(ord(character) < 32 for character in text):
        raise UsageError(f"a systemd unit can't contain control characters: {text!r}", "Remove them from the flags.")
    return text
