"""The prompt on a terminal: lines with history and completion, until the user leaves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kevents.cli.prompt.completer import SqlCompleter
from kevents.cli.prompt.shell import Next, Shell, is_whole

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

_ASK, _GO_ON = "kevents> ", "    ...> "


def run(shell: Shell, env: Mapping[str, str]) -> None:
    """Ask and answer until Ctrl-D, \\q or exit."""
    session = _session(env)
    begun = ""
    while True:
        try:
            typed = session.prompt(_ASK, default=begun)
        except KeyboardInterrupt:
            begun = ""
            continue
        except EOFError:
            return
        step = shell.take(typed)
        if step is Next.LEAVE:
            return
        shell.asked.say("")
        begun = f"{shell.last};" if step is Next.EDIT and shell.last else ""


def history_file(env: Mapping[str, str]) -> Path:
    """Where the questions of earlier sessions are kept: KEVENTS_HISTORY, else the user's state directory."""
    if named := env.get("KEVENTS_HISTORY"):
        return Path(named).expanduser()
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
    except OSError:  # the session is worth more than its history
        pass
    return PromptSession(
        history=history,
        completer=SqlCompleter(),
        complete_while_typing=False,
        multiline=True,
        prompt_continuation=_GO_ON,
        key_bindings=_keys(),
        enable_history_search=True,
    )


def _keys() -> KeyBindings:
    """Enter asks what is whole, and begins a line in what is not."""
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if is_whole(buffer.text):
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    return keys
