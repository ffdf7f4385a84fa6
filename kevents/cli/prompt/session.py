"""The prompt on a terminal, with history and completion."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kevents.cli.prompt.completer import SqlCompleter
from kevents.cli.prompt.shell import NextStep, Shell, is_complete

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

_PROMPT, _CONTINUATION = "kevents> ", "    ...> "


def run(shell: Shell, env: Mapping[str, str]) -> None:
    """Read and run statements and commands until Ctrl-D, \\q or exit."""
    session = _session(env)
    default = ""
    while True:
        try:
            text = session.prompt(_PROMPT, default=default)
        except KeyboardInterrupt:
            default = ""
            continue
        except EOFError:
            return
        step = shell.handle(text)
        if step is NextStep.QUIT:
            return
        shell.backend.note("")
        default = f"{shell.last_sql};" if step is NextStep.EDIT and shell.last_sql else ""


def history_file(env: Mapping[str, str]) -> Path:
    """The history file: KEVENTS_HISTORY, else a file in the user's state directory."""
    if path := env.get("KEVENTS_HISTORY"):
        return Path(path).expanduser()
    from platformdirs import user_state_path

    return user_state_path("kevents", appauthor=False) / "history.sql"


def _session(env: Mapping[str, str]) -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory, History, InMemoryHistory

    history: History = InMemoryHistory()
    path = history_file(env)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        history = FileHistory(path)
    except OSError:  # the prompt also works without history
        pass
    return PromptSession(
        history=history,
        completer=SqlCompleter(),
        complete_while_typing=False,
        multiline=True,
        prompt_continuation=_CONTINUATION,
        key_bindings=_keys(),
        enable_history_search=True,
    )


def _keys() -> KeyBindings:
    """Enter runs a complete statement, and adds a line to an incomplete one."""
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if is_complete(buffer.text):
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    return keys
