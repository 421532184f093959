"""The plugin of plugins/README.md, built as a wheel and installed, as its author would."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

README = Path(__file__).parent.parent / "plugins" / "README.md"
PAGE = """
from streamlit.testing.v1 import AppTest
from alcore_dashboard import app_pages
from pathlib import Path
page = AppTest.from_file(str(Path(list(app_pages.__path__)[0]) / "criteria.py"), default_timeout=60)
page.run()
assert not page.exception, page.exception
shown = " ".join(str(table.value) for table in page.dataframe)
shown += " ".join(str(part.value) for part in page.markdown)
assert "gini impurity" in shown.replace("_", " "), shown
page = AppTest.from_file(str(Path(list(app_pages.__path__)[0]) / "plugins.py"), default_timeout=60)
page.run()
assert not page.exception, page.exception
shown = " ".join(str(table.value) for table in page.dataframe)
shown += " ".join(str(part.value) for part in [*page.markdown, *page.subheader])
assert "gini" in shown, shown
"""
EXPERIMENT = """
strategies = ["random", "gini_impurity"]
[dataset]
name = "digits"
[model]
name = "logistic"
[budget]
samples = 40
batch = 20
"""


def block(language: str, containing: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    return next(text for text in blocks if containing in text)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages that holds the built plugin and nothing else."""
    source, site = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    (source / "alcore_gini.py").write_text(block("python", "gini_impurity(probabilities)"))
    (source / "pyproject.toml").write_text(block("toml", "alcore-gini"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    wheels = source / "wheels"
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(wheels), str(source)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    install = [*pip, "install", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    return site


def run(site: Path, *command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_twelve_lines() -> None:
    lines = block("python", "gini_impurity(probabilities)").splitlines()
    assert len([line for line in lines if line.strip()]) <= 12


def test_it_is_listed(site: Path) -> None:
    listed = json.loads(run(site, "-m", "alcore", "plugins", "--json", "--check"))
    plugin = next(plugin for plugin in listed if plugin["name"] == "gini")
    assert (plugin["status"], plugin["distribution"]) == ("ok", "alcore-gini")
    assert [offer["name"] for offer in plugin["offers"]] == ["gini_impurity"]
    assert plugin["import"]["heavy"] == []


def test_it_selects(site: Path, tmp_path: Path) -> None:
    probabilities = np.array([[0.9, 0.05, 0.05], [0.4, 0.3, 0.3], [0.5, 0.5, 0.0]])
    np.save(tmp_path / "p.npy", probabilities)
    picked = run(
        site, "-m", "alcore", "select", str(tmp_path / "p.npy"), "--strategy", "gini_impurity",
        "-n", "2",
    )  # fmt: skip
    rows = [line.split(",") for line in picked.splitlines()[1:]]
    assert [row[1] for row in rows] == ["1", "2"]
    assert float(rows[0][2]) == pytest.approx(1 - 0.34)


def test_it_runs_against_random(site: Path, tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(EXPERIMENT)
    answer = json.loads(run(site, "-m", "alcore", "run", str(tmp_path / "e.toml"), "--json"))
    assert [row["strategy"] for row in answer["strategies"]] == [
        "uncertainty/random",
        "gini/gini_impurity",
    ]


def test_it_passes_the_checks_of_the_readme(site: Path) -> None:
    run(site, "-c", block("python", "check_strategy(gini_impurity)"))


def test_it_is_on_the_pages(site: Path) -> None:
    pytest.importorskip("streamlit")
    run(site, "-c", PAGE)
