"""Names that are markup, links, quotes, emoji, right-to-left or 10,000 characters are only text.

Streamlit reads markdown in most elements. What is listed in PLAIN it shows as it is; a chart and
the cells of a dataframe are plain as well. The browser has its own test in tests/e2e.
"""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from alcore.plugins import PluginInfo, Registry
from alcore.store import Store, open_store
from alcore_dashboard import shared
from hostile import HOSTILE, play_hostile

OpenPage = Callable[..., AppTest]
RAW = ("**x**", "[l](", "<b>", "<img", ":red[y]", "$z$", "`c`", "http://e.v")
PLAIN = {
    "options", "alt", "id", "url", "value", "raw_value", "raw_values", "default", "placeholder",
    "query_param_key", "spec", "data", "name", "columns", "code_text",
}  # fmt: skip
STORED = [
    ("criteria", {"source": "run"}),
    ("budget", {}),
    *(("rounds", {"view": view}) for view in ("learning", "classes", "batches", "confusion")),
    ("rounds", {"y": "recall_1"}),
    ("runs", {"run": "1"}),
    ("runs", {"runs": "1,2"}),
    *(("compare", {"part": part}) for part in ("Against random", "Calibration", "Batches")),
    ("compare", {"metric": "recall_1"}),
    ("worst", {}),
    ("worst", {"round": "1", "predicted": "1"}),
    ("worst", {"layout": "Table"}),
]


@pytest.fixture(scope="module")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "alcore.db"
    store = open_store(f"sqlite:///{path}")
    play_hostile(store)
    store.describe_run(1, title=HOSTILE[:200], note=HOSTILE)
    store.close()
    return path


@pytest.fixture
def hostile(hostile_file: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("ALCORE_STORE", f"sqlite:///{hostile_file}")
    return shared.shared_store()


def strings(message: Message) -> Iterator[tuple[str, str]]:
    """Every string of an element or container, with the name of its field."""
    for field, value in message.ListFields():
        for each in value if field.is_repeated else [value]:
            if isinstance(each, Message):
                inner = strings(each)
                yield from ((field.name if field.name in PLAIN else n, text) for n, text in inner)
            elif isinstance(each, str):
                yield field.name, each


def everything(node: Any) -> Iterator[tuple[str, str]]:
    if getattr(node, "type", "") == "text":  # which Streamlit shows as it is
        return
    if getattr(node, "proto", None) is not None:
        yield from strings(node.proto)
    if getattr(node, "type", "") == "table":
        cells = (*node.value.to_numpy().ravel(), *node.value.index, *node.value.columns)
        yield from (("cell", str(cell)) for cell in cells)
    for child in getattr(node, "children", {}).values():
        yield from everything(child)


def assert_only_text(app: AppTest, *, errors: int = 0) -> None:
    assert not app.exception
    assert len(app.error) == errors
    shown = list(everything(app.main))
    assert any("**x**" in text.replace("\\", "") for _, text in shown)
    markdown = [text for field, text in shown if field not in PLAIN]
    bare = [(re.sub(r"\\.", "", text), text) for text in markdown]  # without what is escaped
    found = {raw: text for stripped, text in bare for raw in RAW if raw in stripped}
    assert found == {}


@pytest.mark.parametrize(("page", "query"), STORED)
def test_names_of_a_dataset_and_a_title(
    page: str, query: dict[str, str], open_page: OpenPage, hostile: Store
) -> None:
    assert_only_text(open_page(page, query))


def test_names_of_a_file(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALCORE_DATA_DIRS", str(tmp_path))
    with (tmp_path / "hostile.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *(f"{i} {HOSTILE}" for i in range(3))])
        writer.writerows([f"{i} {HOSTILE}", 0.5, 0.3, 0.2] for i in range(4))
    assert_only_text(open_page("criteria", {"source": "file", "file": "hostile.csv"}))


def test_names_and_errors_of_a_plugin(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = PluginInfo(
        name=HOSTILE,
        module=HOSTILE,
        distribution=HOSTILE,
        version=HOSTILE,
        status="error",
        errors=(HOSTILE,),
        components={},
    )
    app = open_page("plugins")
    monkeypatch.setattr(shared, "shared_registry", lambda: Registry(plugins=(bad,)))
    assert_only_text(app.run(), errors=1)


@pytest.mark.parametrize("page", ["budget", "worst", "rounds", "runs"])
def test_names_in_the_address(page: str, open_page: OpenPage, hostile: Store) -> None:
    app = open_page(page, {"run": HOSTILE, "experiment": HOSTILE, "of": HOSTILE})
    assert_only_text(app)
    assert app.warning
