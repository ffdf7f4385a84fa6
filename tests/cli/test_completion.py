"""Completion offers what the app and the store have, is fast, and never fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kevents.cli.app import build
from kevents.cli.completion import command_tree
from kevents.cli.completion.answer import LINE, answer
from kevents.cli.shell_scripts import SCRIPTS, script
from kevents.clock import TIME_FORMATS
from kevents.event.severity import SEVERITIES
from kevents.render.formats import NAMES
from kevents.store.names.index import index_path
from kevents.store.names.learn import learn
from tests.cli.conftest import EVENTS, event
from tests.observations import NOW
from tests.screen import run

CHECKOUT = Path(__file__).parents[2]
_FILES = {"bash": "kevents.bash", "zsh": "_kevents", "fish": "kevents.fish", "powershell": "kevents.ps1"}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kevents.cli.completion.answer.cache_directory", lambda: directory)
        yield directory


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A store with four pods and a node in two namespaces, whose names are indexed."""
    more = [
        event(7, "09:30:00", involvedObject={"kind": "Node", "name": "node-a"}, reason="NodeNotReady"),
        event(8, "09:30:00", involvedObject={"kind": "Pod", "name": "cart-1", "namespace": "pay"})
        | {"metadata": {"name": "cart-1.8", "namespace": "pay"}},
        event(9, "09:30:00", involvedObject={"kind": "Pod", "name": "$(reboot)\n-x", "namespace": "shop"}),
    ]
    directory = tmp_path_factory.mktemp("completion")
    dump, store = directory / "dump.json", directory / "store"
    dump.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*EVENTS, *more]}))
    imported = run("import", str(dump), "--cluster", "arn:aws:eks:eu:1:cluster/prod", "--store", str(store))
    assert imported.status == 0
    learn(store, index_path(cache, store), NOW)
    return store


class Completed:
    """The candidates for a command line with the cursor at its end."""

    def __init__(self, line: str, store: Path, **env: str) -> None:
        output = answer([], {LINE: f"kevents {line}", "KEVENTS_STORE": str(store), **env}, build)
        *candidates, last = output.splitlines()
        self.words = [candidate.partition("\t")[0] for candidate in candidates]
        self.descriptions = dict(candidate.partition("\t")[::2] for candidate in candidates)
        self.directive = int(last.removeprefix(":"))


def test_commands_are_in_the_order_of_help_with_their_summaries(store: Path) -> None:
    tree = command_tree.of_app(build())
    completed = Completed("", store)
    assert completed.words == [name for name, command in tree.commands.items() if not command.hidden]
    assert completed.descriptions["list"] == tree.commands["list"].help != ""
    assert completed.directive == 4
    assert "get" not in completed.words  # a hidden alias, whose flags are completed
    assert "--reason" in Completed("get --re", store).words
    assert Completed("store ", store).words[0] == "info"


def test_every_flag_of_every_command_completes(store: Path) -> None:
    for name, command in command_tree.of_app(build()).commands.items():
        for flag in command.flags:
            long = next(each for each in flag.names if each.startswith("--"))
            assert long in Completed(f"{name} {long[:4]}", store).words


def test_a_given_flag_is_not_completed_again_unless_it_can_be_repeated(store: Path) -> None:
    words = Completed("list -n shop --since 1h --", store).words
    assert "--since" not in words
    assert "--namespace" in words


@pytest.mark.parametrize(
    ("line", "words", "directive"),
    [
        ("list -n ", ["pay", "shop"], 4),
        ("list -n s", ["shop"], 4),
        ("list --namespace=s", ["--namespace=shop"], 4),
        ("list --reason ", ["BackOff", "Killing", "NodeNotReady", "Started"], 4),
        ("list --reason BackOff,K", ["BackOff,Killing"], 4),
        ("list --reason !St", ["!Started"], 4),
        ("list --reason back", ["BackOff"], 4),
        ("list --node ", ["node-a"], 4),
        ("list --component ", ["kubelet"], 4),
        ("list --kind ", ["node", "pod"], 4),
        ("list --kind P", ["Pod"], 4),
        ("list --for ", ["node/", "pod/"], 6),
        ("list --for po/", ["po/cart-1", "po/web-1", "po/web-2", "po/web-3"], 4),
        ("list --for Pod/w", ["Pod/web-1", "Pod/web-2", "Pod/web-3"], 4),
        ("diff --before po/", ["po/cart-1", "po/web-1", "po/web-2", "po/web-3"], 4),
        ("diff --before 1", ["1m", "15m", "1h", "12h"], 36),
        ("diff --against ", ["arn:aws:eks:eu:1:cluster/prod"], 4),
        ("list -n pay --for pod/", ["pod/cart-1"], 4),
        ("list -n pay --for node/", ["node/node-a"], 4),
        ("list -n '!pay' --for pod/c", ["pod/cart-1"], 4),
        ("list --kind pod --name c", ["cart-1"], 4),
        ("list --cluster arn:", ["arn:aws:eks:eu:1:cluster/prod"], 4),
        ("list --type ", ["Normal", "Warning"], 4),
        ("list -o j", ["json", "jsonl"], 4),
        ("list --time ", list(TIME_FORMATS), 4),
        ("list --color ", ["auto", "always", "never"], 4),
        ("list --severity ", list(SEVERITIES), 4),
        ("list --sort-by last", ["last_seen"], 4),
        ("list --sort-by -last", ["-last_seen"], 4),
        ("reasons --by na", ["namespace"], 4),
        ("histogram --by r", ["reason"], 4),
        ("histogram --bucket a", ["auto"], 36),
        ("list --as-of l", ["last"], 36),
        ("list --since 1", ["1m", "15m", "1h", "12h"], 36),
        ("completion ", list(SCRIPTS), 4),
        ("import ", [], 0),
        ("list --store ", [], 16),
        ("nonsense ", [], 4),
        ("list --nonsense ", ["--show-sql"], 4),
        ("query 'select ", [], 4),
        ("query --grep ", [], 4),
    ],
)
def test_values_of_flags_and_arguments_are_completed(line: str, words: list[str], directive: int, store: Path) -> None:
    completed = Completed(line, store)
    assert (completed.words if words != ["--show-sql"] else completed.words[:1], completed.directive) == (
        words,
        directive,
    )


def test_all_formats_are_completed(store: Path) -> None:
    assert sorted(Completed("list -o ", store).words) == sorted(NAMES)


def test_names_that_a_shell_would_interpret_are_not_completed(store: Path) -> None:
    assert not [word for word in Completed("list --for pod/", store).words if "reboot" in word]


def test_contexts_come_from_the_kubeconfig(store: Path, tmp_path: Path) -> None:
    config = tmp_path / "kubeconfig"
    config.write_text("contexts: [{name: prod, context: {}}, {name: dev, context: {}}]")
    assert Completed("record --context ", store, KUBECONFIG=str(config)).words == ["dev", "prod"]
    assert Completed(f"record --kubeconfig {config} --context p", store).words == ["prod"]


def test_a_missing_store_has_no_names_and_is_not_created(tmp_path: Path, cache: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert Completed("list -n ", nowhere).words == []
    assert not nowhere.exists()


def test_custom_reports_and_the_store_of_config_toml_are_used(store: Path, tmp_path: Path) -> None:
    assert run("reports", "new", "mine", env={"KEVENTS_CONFIG_DIR": str(tmp_path)}).status == 0
    (tmp_path / "config.toml").write_text(f'store = "{store}"')
    env = {"KEVENTS_CONFIG_DIR": str(tmp_path), "KEVENTS_STORE": ""}
    assert Completed("mi", store, **env).words == ["mine"]
    assert Completed("mine --min", store, **env).words == ["--min-objects", "--min-count"]
    assert Completed("mine --sort-by o", store, **env).words == ["occurrences", "objects"]
    assert Completed("reports show m", store, **env).words == ["mine"]
    assert Completed("mine -n ", store, **env).words == ["pay", "shop"]


def test_completion_works_with_a_broken_config_toml(store: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("store = [")
    assert Completed("list -n ", store, KEVENTS_CONFIG_DIR=str(tmp_path)).words == ["pay", "shop"]
    assert Completed("lis", store, KEVENTS_CONFIG_DIR=str(tmp_path)).words == ["list"]


def test_an_internal_error_completes_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_tree, "read", lambda *_: 1 / 0)
    assert answer(["li"], {}, build) == ":4\n"


def test_a_broken_index_is_rebuilt(store: Path, cache: Path) -> None:
    path = index_path(cache, store)
    path.write_bytes(b"no sqlite")
    assert Completed("list -n ", store).directive == 4
    learn(store, path, NOW)
    assert Completed("list -n ", store).words == ["pay", "shop"]


def test_the_command_tree_is_cached_until_the_code_or_a_report_changes(tmp_path: Path) -> None:
    config = tmp_path / "config"
    (config / "reports").mkdir(parents=True)
    env = {"KEVENTS_CONFIG_DIR": str(config)}
    built = command_tree.read(tmp_path, env, build)
    assert command_tree.read(tmp_path, env, build) == built == command_tree.of_app(build())
    cached = json.loads((tmp_path / "commands.json").read_text())["version"]
    (config / "reports" / "mine.sql").write_text("SELECT 1")
    command_tree.read(tmp_path, env, build)
    assert json.loads((tmp_path / "commands.json").read_text())["version"] != cached


def test_commands_and_flags_are_completed_without_importing_typer_or_large_libraries(tmp_path: Path) -> None:
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "KEVENTS_STORE": str(tmp_path / "none")}
    code = (
        "import sys; from kevents.cli.main import main\n"
        "main(['__complete', 'list', '--re'])\n"
        "heavy = {'typer', 'duckdb', 'pyarrow', 'kubernetes', 'rich', 'yaml', 'dateutil'} & sys.modules.keys()\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    command = [sys.executable, "-c", code]
    subprocess.run(command, env=env, capture_output=True, check=False)  # caches the command tree
    process = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout.endswith("--reason\tFilter by reason, e.g. BackOff.\n:4\n")


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_scripts_in_the_checkout_are_those_that_the_command_prints(shell: str) -> None:
    file = CHECKOUT / "completions" / _FILES[shell]
    assert file.read_text("utf-8") == script(shell) == run("completion", shell).out


@pytest.mark.parametrize(
    ("arguments", "hint"), [([], "One of bash, zsh, fish, powershell."), (["fisch"], "Did you mean fish?")]
)
def test_a_missing_or_unknown_shell_is_a_usage_error(arguments: list[str], hint: str) -> None:
    screen = run("completion", *arguments)
    assert screen.status == 2
    assert hint in screen.err


def test_topics_and_commands_are_completed_after_help(store: Path):
    assert Completed("help tim", store).words == ["times", "timeline"]
    assert Completed("help store pr", store).words == ["prune"]
