"""A systemd user unit that keeps a recorder running."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kevents.errors import UsageError

_UNIT = """\
# Keeps this recorder running, from login to logout and through failures:
#     kevents record … --print-unit > ~/.config/systemd/user/kevents-record.service
#     systemctl --user daemon-reload
#     systemctl --user enable --now kevents-record
#     loginctl enable-linger       # also while you are logged out
# What it says: journalctl --user -u kevents-record; how it does: kevents status, kevents doctor.

[Unit]
Description=kevents record: Kubernetes events of {cluster}
StartLimitIntervalSec=0

[Service]
ExecStart={command}
{environment}# A failure passes, such as a network that is not up yet; a command line that is wrong (2) stays wrong.
Restart=on-failure
RestartSec=10s
RestartPreventExitStatus=2
# SIGTERM ends it cleanly: what was taken is sealed, which takes seconds.
TimeoutStopSec=60s

# Messages hold secrets: what it writes is its user's alone.
UMask=0077
# These need no rights of their own, so they hold in a user's systemd. Directories are not closed off: credential plugins
# keep tokens in directories of theirs.
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
    """The unit that runs the command with these variables set."""
    variables = "".join(f"Environment={_word(f'{name}={value}')}\n" for name, value in environment.items())
    executable, *words = command
    line = " ".join((_word(executable), *(_word(word).replace("$", "$$") for word in words)))
    return _UNIT.format(command=line, environment=variables, cluster=_specifiers(_line(cluster)))


def _word(text: str) -> str:
    r"""The text as one word of a unit file (systemd.syntax): quoted where it has to be, with `%` doubled."""
    plain = _specifiers(_line(text))
    if plain and not set(plain) & set(" \t\"'\\;"):
        return plain
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _line(text: str) -> str:
    if any(ord(character) < 32 for character in text):
        raise UsageError(f"a unit file cannot hold {text!r}", "Leave the control characters out.")
    return text
