"""Starting an experiment: by a form made from the components' options, ready-made, by a file."""

from collections.abc import Sequence

import streamlit as st

from alcore.advice import Situation, recommend
from alcore.components import Spec
from alcore.experiment import SETTINGS, Component, Experiment, resolved
from alcore.options import OptionInfo, Scalar, build, describe
from alcore.pipeline import Pipeline
from alcore.plugins import Registry
from alcore.store import Store
from alcore_dashboard.components.errors import errors_as_sentences
from alcore_dashboard.components.option_fields import option_fields
from alcore_dashboard.components.text import md_escape
from alcore_dashboard.services import advice, start
from alcore_dashboard.services.naming import title_of

SEEDS = OptionInfo(
    name="seeds",
    kind=int,
    default=10,
    help="how often everything is repeated with other splits; 10 or more can be trusted",
    minimum=1,
    maximum=50,
)


def start_experiment(registry: Registry, store: Store) -> Experiment | None:
    """Draw the ways to start; the experiment once one is sent, else None."""
    ways = {"By form": _form, "Ready-made": _presets, "From a file": _upload}
    tabs = st.tabs(list(ways), key="start_way", on_change="rerun")
    for tab, draw in zip(tabs, ways.values(), strict=True):
        if tab.open:
            with tab, errors_as_sentences():
                return draw(registry, store)
    return None


def _form(registry: Registry, store: Store) -> Experiment | None:
    with st.grid("auto", min_column_width=260):
        dataset = _select("Dataset", dict(registry.datasets), key="start_dataset")
        models = start.models_for(registry, dataset) if dataset else {}
        model = _select("Model", models, key="start_model") if models else None
    if dataset is None or model is None:
        st.warning("No installed plugin offers both a dataset and a model that can read it.")
        return None
    title = st.text_input("Title", value="", max_chars=200, placeholder="What is the question?")
    labels = start.labels(registry.strategies)
    strategies = st.pills(
        "Strategies",
        start.ready_first(registry.strategies),
        selection_mode="multi",
        default=start.suggested_strategies(registry),
        format_func=lambda name: md_escape(labels[name]),
    )
    stored = start.stored_dataset(store, Component(name=dataset))
    advised = advice.recommendation_text(
        recommend(
            Situation(
                labels=int(st.session_state.get("size_initial", 50)),
                n_classes=len(stored.class_names) if stored else None,
                provides=advice.provides(registry, model, dataset),
            )
        )
    )
    st.caption(md_escape(advised, longest=600))
    counts = _fields("Repetitions", (SEEDS,), "repeat")
    sizes = {
        name: value
        for part, infos in SETTINGS.items()
        for name, value in _fields(part.capitalize(), infos, "size").items()
    }
    around = build(Pipeline, _fields("Selection", describe(Pipeline), "around"), where="selection")
    made = start.make_experiment(
        registry,
        title=title,
        dataset=Component(name=dataset, options=_options(registry.dataset(dataset), "dataset")),
        model=Component(name=model, options=_options(registry.model(model), "model")),
        strategies=[
            Component(name=name, options=_options(registry.strategy(name), "strategy"))
            for name in strategies
        ],
        n_seeds=int(counts["seeds"]),
        sizes={**sizes, "pipeline": around},
    )
    return _confirmed(made, store, key="start")


def _presets(registry: Registry, store: Store) -> Experiment | None:
    chosen = None
    with st.grid("auto", min_column_width=300):
        for preset in start.presets(registry):
            with st.container(border=True):
                st.markdown(f"**{md_escape(preset.experiment.title)}**")
                st.caption(md_escape(_components(preset.experiment)))
                if preset.obstacle:
                    st.caption(md_escape(f"{preset.obstacle}.", longest=500))
                elif _confirmed(preset.experiment, store, key=f"start_{preset.name}"):
                    chosen = preset.experiment
    return chosen


def _upload(registry: Registry, store: Store) -> Experiment | None:
    file = st.file_uploader(
        f"Experiment as TOML, at most {start.MOST_BYTES // 1000} KB; every experiment here can be "
        "downloaded as such a file",
        type="toml",
        max_upload_size=1,
        key="start_file",
    )
    if file is None:
        return None
    made = resolved(start.read_upload(file.getvalue(), registry), registry)
    st.markdown(f"**{md_escape(made.title)}**")
    st.caption(md_escape(_components(made)))
    return _confirmed(made, store, key="start_uploaded")


def _confirmed(experiment: Experiment, store: Store, *, key: str) -> Experiment | None:
    """What it will take, and the button."""
    st.caption(md_escape(start.expectation(experiment, store)))
    sent = st.button("Start", icon=":material/play_arrow:", key=f"{key}_button")
    return experiment if sent else None


def _components(experiment: Experiment) -> str:
    strategies = ", ".join(title_of(part.name) for part in experiment.strategies)
    return f"{title_of(experiment.dataset.name)}, {title_of(experiment.model.name)}: {strategies}"


def _select(label: str, specs: dict[str, Spec], *, key: str) -> str | None:
    names = start.ready_first(specs)
    return st.selectbox(label, names, format_func=start.labels(specs).__getitem__, key=key)


def _options(spec: Spec, kind: str) -> dict[str, Scalar]:
    caption = f"Options of the {kind} {md_escape(spec.name.replace('_', ' '))}"
    return _fields(caption, describe(spec.options), f"{kind}_{spec.name}")


def _fields(caption: str, infos: Sequence[OptionInfo], key: str) -> dict[str, Scalar]:
    if infos:
        st.caption(caption)
    return option_fields(infos, key=key)
