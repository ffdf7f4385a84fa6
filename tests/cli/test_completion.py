"""What can be typed next follows from the app and the store, comes fast, and is never an error."""

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
from kevents.event.severity import SEVERITIES
from kevents.render.formats import NAMES
from kevents.render.look import TIME_FORMATS
from kevents.store.names.index import place as index_place
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
    """A store of four pods and a node in two namespaces, whose names are learned."""
    more = [
        event(7, "09:30:00", involvedObject={"kind": "Node", "name": "node-a"}, reason="NodeNotReady"),
        event(8, "09:30:00", involvedObject={"kind": "Pod", "name": "cart-1", "namespace": "pay"})
        | {"metadata": {"name": "cart-1.8", "namespace": "pay"}},
        event(9, "09:30:00", involvedObject={"kind": "Pod", "name": "$(reboot)\n-x", "namespace": "shop"}),
    ]
    directory = tmp_path_factory.mktemp("completed")
    dump, store = directory / "dump.json", directory / "store"
    dump.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*EVENTS, *more]}))
    imported = run("import", str(dump), "--cluster", "arn:aws:eks:eu:1:cluster/prod", "--store", str(store))
    assert imported.status == 0
    learn(store, index_place(cache, store), NOW)
    return store


class Completed:
    """The answer for a command line that ends where the cursor stands."""

    def __init__(self, line: str, store: Path, **env: str) -> None:
        told = answer([], {LINE: f"kevents {line}", "KEVENTS_STORE": str(store), **env}, build)
        *lines, last = told.splitlines()
        self.words = [one.partition("\t")[0] for one in lines]
        self.means = dict(one.partition("\t")[::2] for one in lines)
        self.then = int(last.removeprefix(":"))


def test_commands_come_in_the_order_of_help_with_their_sentences(store: Path) -> None:
    shown = command_tree.of_app(build())
    asked = Completed("", store)
    assert asked.words == [name for name, one in shown.commands.items() if not one.hidden]
    assert asked.means["list"] == "List events, newest last, like kubectl."
    assert asked.then == 4
    assert "get" not in asked.words  # hidden, but completed behind its name
    assert "--reason" in Completed("get --re", store).words
    assert Completed("store ", store).words[0] == "info"


def test_every_flag_of_every_command_completes(store: Path) -> None:
    for name, command in command_tree.of_app(build()).commands.items():
        for flag in command.flags:
            long = next(one for one in flag.names if one.startswith("--"))
            assert long in Completed(f"{name} {long[:4]}", store).words


def test_a_flag_that_was_given_is_not_offered_again_unless_it_may_be_repeated(store: Path) -> None:
    words = Completed("list -n shop --since 1h --", store).words
    assert "--since" not in words
    assert "--namespace" in words


@pytest.mark.parametrize(
    ("line", "words", "then"),
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
def test_values_are_those_that_the_place_allows(line: str, words: list[str], then: int, store: Path) -> None:
    asked = Completed(line, store)
    assert (asked.words if words != ["--show-sql"] else asked.words[:1], asked.then) == (words, then)


def test_formats_are_those_of_every_answer(store: Path) -> None:
    assert sorted(Completed("list -o ", store).words) == sorted(NAMES)


def test_names_that_a_shell_could_take_for_more_than_a_word_are_not_offered(store: Path) -> None:
    assert not [word for word in Completed("list --for pod/", store).words if "reboot" in word]


def test_contexts_come_from_the_kubeconfig(store: Path, tmp_path: Path) -> None:
    config = tmp_path / "kubeconfig"
    config.write_text("contexts: [{name: prod, context: {}}, {name: dev, context: {}}]")
    assert Completed("record --context ", store, KUBECONFIG=str(config)).words == ["dev", "prod"]
    assert Completed(f"record --kubeconfig {config} --context p", store).words == ["prod"]


def test_nothing_goes_wrong_where_there_is_no_store(tmp_path: Path, cache: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert Completed("list -n ", nowhere).words == []
    assert not nowhere.exists()


def test_own_reports_and_the_store_of_the_configuration_are_known(store: Path, tmp_path: Path) -> None:
    assert run("reports", "new", "mine", env={"KEVENTS_CONFIG_DIR": str(tmp_path)}).status == 0
    (tmp_path / "config.toml").write_text(f'store = "{store}"')
    own = {"KEVENTS_CONFIG_DIR": str(tmp_path), "KEVENTS_STORE": ""}
    assert Completed("mi", store, **own).words == ["mine"]
    assert Completed("mine --min", store, **own).words == ["--min-objects", "--min-count"]
    assert Completed("mine --sort-by o", store, **own).words == ["occurrences", "objects"]
    assert Completed("reports show m", store, **own).words == ["mine"]
    assert Completed("mine -n ", store, **own).words == ["pay", "shop"]


def test_a_broken_configuration_breaks_no_prompt(store: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("store = [")
    assert Completed("list -n ", store, KEVENTS_CONFIG_DIR=str(tmp_path)).words == ["pay", "shop"]
    assert Completed("lis", store, KEVENTS_CONFIG_DIR=str(tmp_path)).words == ["list"]


def test_whatever_fails_is_no_error_in_a_prompt(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_tree, "read", lambda *_: 1 / 0)
    assert answer(["li"], {}, build) == ":4\n"


def test_a_broken_index_is_made_again(store: Path, cache: Path) -> None:
    path = index_place(cache, store)
    path.write_bytes(b"no sqlite")
    assert Completed("list -n ", store).then == 4
    learn(store, path, NOW)
    assert Completed("list -n ", store).words == ["pay", "shop"]


def test_the_shape_of_the_app_is_kept_and_made_again_when_the_code_changes(tmp_path: Path) -> None:
    own = tmp_path / "config"
    (own / "reports").mkdir(parents=True)
    env = {"KEVENTS_CONFIG_DIR": str(own)}
    built = command_tree.read(tmp_path, env, build)
    assert command_tree.read(tmp_path, env, build) == built == command_tree.of_app(build())
    kept = json.loads((tmp_path / "commands.json").read_text())["version"]
    (own / "reports" / "mine.sql").write_text("SELECT 1")
    command_tree.read(tmp_path, env, build)
    assert json.loads((tmp_path / "commands.json").read_text())["version"] != kept


def test_commands_and_flags_complete_without_typer_and_anything_heavy(tmp_path: Path) -> None:
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "KEVENTS_STORE": str(tmp_path / "none")}
    code = (
        "import sys; from kevents.cli.main import main\n"
        "main(['__complete', 'list', '--re'])\n"
        "heavy = {'typer', 'duckdb', 'pyarrow', 'kubernetes', 'rich', 'yaml', 'dateutil'} & sys.modules.keys()\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    command = [sys.executable, "-c", code]
    subprocess.run(command, env=env, capture_output=True, check=False)  # keeps the shape of the app
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith("--reason\tOnly this reason, such as BackOff.\n:4\n")


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_scripts_beside_the_package_are_what_the_command_prints(shell: str) -> None:
    assert (
        (CHECKOUT / "completions" / _FILES[shell]).read_text("utf-8") == script(shell) == run("completion", shell).shown
    )


@pytest.mark.parametrize(
    ("arguments", "hint"), [([], "One of bash, zsh, fish, powershell."), (["fisch"], "Did you mean fish?")]
)
def test_another_shell_is_answered_with_those_that_there_are(arguments: list[str], hint: str) -> None:
    ended = run("completion", *arguments)
    assert ended.status == 2
    assert hint in ended.said


def test_topics_and_commands_can_be_asked_about(store: Path):
    assert Completed("help tim", store).words == ["times", "timeline"]
    assert Completed("help store pr", store).words == ["prune"]
