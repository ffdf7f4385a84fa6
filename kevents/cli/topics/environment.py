"""Variables of the environment."""

from __future__ import annotations

from kevents.cli.flags import SHARED
from kevents.cli.topics.page import Page

OWN = (
    ("KEVENTS_STORE", "the directory of the store; --store goes before it"),
    ("KEVENTS_CONFIG_DIR", "the directory of config.toml, severity.toml and reports"),
    ("KEVENTS_PAGER, PAGER", "what long answers on a terminal go through; cat for nothing"),
)
OTHERS = (
    ("KUBECONFIG", "the kubeconfig, or several; --kubeconfig goes before it"),
    ("NO_COLOR", "no colours, if it holds anything; --color goes before it"),
    ("FORCE_COLOR, CLICOLOR_FORCE", "colours in a pipe too, unless it is 0; CLICOLOR=0 for none"),
    ("TERM", "dumb for a terminal without colours and drawings"),
    ("COLUMNS, LINES", "the size of the terminal, where it is not what it seems"),
)


def page() -> Page:
    defaults = sorted(_variable(name) for name in SHARED if name != "store")
    return (
        "kevents reads these variables:",
        (*OWN, *OTHERS),
        "Others set the default of a flag for every command that has it:",
        [*defaults],
        "A variable with a command's name in it is for that command alone: KEVENTS_LIST_LIMIT=200. A flag that is typed"
        " goes before a variable, a variable before config.toml: kevents config show says where each value comes from.",
        ["kevents config show", "kevents config init"],
    )


def _variable(name: str) -> str:
    return f"KEVENTS_{_KEYS.get(name, name).upper()}"


_KEYS = {"kube_context": "context"}  # what the flag is called where its parameter is called otherwise
