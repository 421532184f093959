"""The command line: what it prints, its exit codes, one sentence for every mistake."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import workers
from alcore.store import open_store
from fakes import EXPERIMENT

PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.4, 0.35, 0.25], [0.5, 0.49, 0.01]])


def alcore(*arguments: str | Path, code: int = 0) -> str:
    """Run the command; its output, or its error where it is to fail."""
    done = subprocess.run(
        [sys.executable, "-m", "alcore", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


@pytest.fixture
def probabilities(tmp_path: Path) -> Path:
    np.save(tmp_path / "p.npy", PROBABILITIES)
    return tmp_path / "p.npy"


def test_select_prints_the_picks(probabilities: Path) -> None:
    lines = alcore("select", probabilities, "--strategy", "smallest_margin", "-n", "2").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["2", "1"]


def test_select_writes_the_picks(probabilities: Path, tmp_path: Path) -> None:
    alcore("select", probabilities, "-n", "1", "--out", tmp_path / "picks.csv")
    assert (tmp_path / "picks.csv").read_text().splitlines()[1].split(",")[1] == "1"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("-n", "0"), "0"),
        (("-n", "-3"), "-3"),
        (("-n", "4"), "3"),
        (("-n", "two"), "two"),
        (("-n", "1", "--strategy", "margin"), "did you mean 'smallest_margin'"),
        ((), "--number"),
    ],
)
def test_select_refuses_in_one_sentence_and_writes_nothing(
    probabilities: Path, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    out = tmp_path / "picks.csv"
    assert sentence in alcore("select", probabilities, "--out", out, *arguments, code=2)
    assert not out.exists()


def test_an_unknown_experiment_key_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(EXPERIMENT.replace("seeds", "sedes"))
    error = alcore("run", tmp_path / "e.toml", code=2)
    assert error.strip() == "alcore: line 4: unknown key 'sedes'; did you mean 'seeds'?"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "No such file"), (b"\xff\xfe", "not UTF-8"), (b"strategies = [", "not valid TOML")],
)
def test_files_that_are_no_experiment(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    if content is not None:
        (tmp_path / "e.toml").write_bytes(content)
    assert sentence in alcore("run", tmp_path / "e.toml", code=2)


def test_a_budget_beyond_the_pool_is_refused_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(
        'strategies = ["random"]\n[dataset]\nname = "digits"\n[model]\nname = "logistic"\n'
        "[budget]\nsamples = 5000\nbatch = 100\n"
    )
    error = alcore("run", tmp_path / "e.toml", code=2)
    assert "budget.samples is 5000 but the pool has 1047 samples" in error


def test_a_run_that_fails_gives_one_and_says_why(tmp_path: Path) -> None:
    settings = {"seeds": 1, "samples": 80, "kind": "memory", "seconds": 0, "strategy": "entropy"}
    (tmp_path / "e.toml").write_text(workers.TEXT.format(**settings))
    command = [sys.executable, "-m", "alcore", "run", str(tmp_path / "e.toml")]
    done = subprocess.run(
        [*command, "--set", "model.labels=90"],
        env=workers.environment(open_store()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "failed: MemoryError: no room for 2 TB" in done.stdout


CHATTY = """
from dataclasses import dataclass
from alcore import criterion, hookimpl, option, StrategySpec
print("imported")
@dataclass(frozen=True, kw_only=True)
class Options:
    beta: float = option(0.5, help="weight")
@criterion(direction="max")
def chatty(probabilities):
    print("scoring")
    return 1 - probabilities.max(axis=1)
@criterion(direction="max")
def broken(probabilities):
    raise ValueError("no formula today")
@hookimpl
def alcore_strategies():
    return [chatty, broken, StrategySpec(name="weighted", summary="", make=print, options=Options)]
"""


@pytest.fixture
def chatty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chatty_plugin.py").write_text(CHATTY)
    info = tmp_path / "chatty-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: chatty\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[alcore]\nchatty = chatty_plugin\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.usefixtures("chatty")
def test_what_plugins_print_is_not_in_the_output(probabilities: Path, tmp_path: Path) -> None:
    assert "chatty" in {plugin["name"] for plugin in json.loads(alcore("plugins", "--json"))}
    picks = alcore("select", probabilities, "-n", "1", "--strategy", "chatty")
    assert picks.splitlines()[0] == "order,row,value,utility"
    text = EXPERIMENT.replace("points", "digits").replace("centre", "logistic")
    (tmp_path / "e.toml").write_text(text.replace("smallest_margin", "chatty"))
    assert json.loads(alcore("run", tmp_path / "e.toml", "--set", "seeds=1", "--json"))


@pytest.mark.usefixtures("chatty")
def test_a_strategy_that_fails_gives_one_sentence(probabilities: Path) -> None:
    error = alcore("select", probabilities, "-n", "1", "--strategy", "broken", code=1)
    assert "alcore: strategy 'broken' failed: ValueError: no formula today" in error


@pytest.mark.usefixtures("chatty")
def test_options_of_strategies_are_shown_as_they_are_written() -> None:
    shown = alcore("plugins", "show", "weighted")
    assert 'strategies = [{ name = "chatty/weighted", beta = 0.5 }]  float: weight' in shown


def test_plugins_show_has_options_and_equations() -> None:
    shown = alcore("plugins", "show", "cnn")
    assert "--set model.epochs=20  int: passes over the labelled samples" in shown
    assert "direction: max" in alcore("plugins", "show", "uncertainty/entropy")
    assert "did you mean 'entropy'" in alcore("plugins", "show", "entropie", code=2)


def test_plugins_as_json() -> None:
    listed = json.loads(alcore("--no-plugins", "plugins", "--json"))
    names = "backbones committee digits diversity flowers folder table tfds uncertainty"
    assert [plugin["name"] for plugin in listed] == names.split()
    assert all(plugin["status"] == "ok" for plugin in listed)


def test_store_says_where_and_prunes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    assert url in alcore("store", "--store", url)
    assert alcore("store", "--store", url, "prune").startswith("freed 0.0 MB")
    assert "sqlite" in alcore("store", "--store", "nonsense", code=2)


def test_a_taken_port_gives_one_sentence() -> None:
    import socket

    pytest.importorskip("streamlit")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for command in ("dashboard", "demo"):
            assert f"port {port} is taken" in alcore(command, "--port", port, code=2)
