"""Help on environment variables."""

from __future__ import annotations

from kevents.cli.flags import SHARED
from kevents.cli.topics.page import Page

_KEVENTS = (
    ("KEVENTS_STORE", "store directory; --store overrides it"),
    ("KEVENTS_CONFIG_DIR", "directory of config.toml, severity.toml and reports/"),
    ("KEVENTS_HISTORY", "history file of the prompt of kevents query"),
    ("KEVENTS_PAGER, PAGER", "pager for long output; set to cat to disable"),
)
_OTHERS = (
    ("KUBECONFIG", "path to the kubeconfig, or several paths; --kubeconfig overrides it"),
    ("NO_COLOR", "disables color if non-empty; --color overrides it"),
    ("FORCE_COLOR, CLICOLOR_FORCE", "enable color in pipes too, unless 0; CLICOLOR=0 disables color"),
    ("TERM", '"dumb" disables color and drawing'),
    ("COLUMNS, LINES", "override the terminal size"),
)


def page() -> Page:
    return (
        "kevents reads these variables:",
        (*_KEVENTS, *_OTHERS),
        "These set the default of a flag, for every command that has the flag:",
        sorted(_variable(name) for name in SHARED if name != "store"),
        "KEVENTS_<COMMAND>_<FLAG> applies to one command: KEVENTS_LIST_LIMIT=200. Precedence: flag, environment,"
        " config.toml, built-in default. kevents config show prints the value of each setting and where it comes from.",
        ["kevents config show", "kevents config init"],
    )


def _variable(name: str) -> str:
    return f"KEVENTS_{_FLAG_NAMES.get(name, name).upper()}"


_FLAG_NAMES = {"kube_context": "context"}  # flags that differ from the name of their parameter
