"""Class probabilities from outside: an uploaded file, a file on the server, a stored round."""

import os
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from alcore.probabilities import ProbabilityTable, read_probabilities
from alcore.store import Store
from alcore_dashboard.components.address import chosen_text
from alcore_dashboard.components.choose import chosen_round, chosen_run, finished_rounds
from alcore_dashboard.components.empty import empty_state
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import criteria_sources
from alcore_dashboard.services.criteria_sources import Source

_FORMAT = (
    "One row per sample, one column per class, rows summing to 1; CSV and Parquet may have ids in "
    "their first column."
)


def uploaded_source() -> Source | None:
    """The samples of a file that the browser sends; None until there is one."""
    file = st.file_uploader(
        "Class probabilities (CSV, Parquet or .npy)",
        type=[suffix.lstrip(".") for suffix in criteria_sources.SUFFIXES],
        max_upload_size=criteria_sources.UPLOAD_MB,
        key="criteria_upload",
        help=f"{_FORMAT} It is held in memory and written to no permanent place.",
    )
    if file is None:
        empty_state(f"Choose a file, up to {criteria_sources.UPLOAD_MB} MB. {_FORMAT}")
        return None
    table = _uploaded(file.file_id, file)
    return criteria_sources.from_table(table, key=("upload", file.file_id), name=file.name)


@st.cache_resource(max_entries=1, scope="session", show_spinner="Reading and checking the file")
def _uploaded(file_id: str, _file: UploadedFile) -> ProbabilityTable:
    del file_id  # what the cache goes by
    with _file.getbuffer() as content:  # let go of where it is refused too
        return criteria_sources.read_upload(_file.name, content)


def server_source() -> Source | None:
    """The samples of a file in a folder that the operator opened; None until one is named."""
    folders = criteria_sources.allowed_folders(os.environ.get(criteria_sources.DATA_DIRS))
    if not folders:
        empty_state(
            f"No folder is open to this page. Whoever runs the dashboard names some in the "
            f"environment variable `{criteria_sources.DATA_DIRS}`, "
            f"separated by `{os.pathsep}`. Or use `alcore select`."
        )
        return None
    name = chosen_text("file", "", lambda text: True, label="File")
    st.session_state["file"] = name or None
    st.selectbox(
        "File in the open folders",
        criteria_sources.listed_files(folders),
        index=None,
        accept_new_options=True,
        required=True,
        placeholder="Choose a file, or type its path",
        key="file",
        help=_FORMAT,
    )
    if not name:
        empty_state(f"Choose a file, or type its path. {_FORMAT}")
        return None
    path = criteria_sources.allowed_file(name, folders)
    state = path.stat()
    table = _opened(str(path), state.st_mtime_ns, state.st_size)
    key = (str(path), state.st_mtime_ns, state.st_size)
    return criteria_sources.from_table(table, key=key, name=path.name)


@st.cache_resource(max_entries=2, show_spinner="Reading and checking the file")
def _opened(path: str, changed: int, size: int) -> ProbabilityTable:
    del changed, size  # a file that changes is another one
    return read_probabilities(Path(path))


def stored_source(store: Store) -> Source | None:
    """The pool of a stored round; None where it has none."""
    grid = st.grid(3, min_column_width=240)
    run = chosen_run(store, grid)
    rounds = finished_rounds(store, run)
    with grid:
        number = chosen_round(rounds).number
    source = criteria_sources.from_round(store, run, number)
    if source is None:
        empty_state("The pool of this round was empty: everything was labelled before.")
    elif source.note:
        st.info(md_escape(source.note, longest=1000), icon=":material/info:")
    return source
