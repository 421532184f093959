"""The form that starts an experiment; its fields come from the components' own options."""

from collections.abc import Sequence

import streamlit as st

from alcore.components import Spec
from alcore.experiment import SIZES, Component, Experiment
from alcore.options import OptionInfo, Scalar, describe
from alcore.plugins import Registry
from alcore_dashboard.components.option_fields import option_fields
from alcore_dashboard.services import start

SEEDS = OptionInfo(
    name="seeds",
    kind=int,
    default=10,
    help="how often everything is repeated with other splits; 10 or more can be trusted",
    minimum=1,
    maximum=50,
)


def start_form(registry: Registry) -> Experiment | None:
    """Draw the form; the experiment once it is sent, else None."""
    dataset = _select("Dataset", dict(registry.datasets), key="start_dataset")
    model = (
        _select("Model", start.models_for(registry, dataset), key="start_model")
        if dataset
        else None
    )
    if dataset is None or model is None:
        st.warning("No installed plugin offers both a dataset and a model that can read it.")
        return None
    with st.form("start", border=False):
        title = st.text_input("Title", value="", max_chars=200, placeholder="What is the question?")
        strategies = st.multiselect(
            "Strategies",
            start.ready_first(registry.strategies),
            default=start.suggested_strategies(registry),
            format_func=start.labels(registry.strategies).__getitem__,
        )
        counts = _fields("Repetitions", (SEEDS,), "repeat")
        sizes = {
            name: value
            for part, infos in SIZES.items()
            for name, value in _fields(part.capitalize(), infos, "size").items()
        }
        dataset_options = _options(registry.dataset(dataset), "dataset")
        model_options = _options(registry.model(model), "model")
        if not st.form_submit_button("Start", type="primary", icon=":material/play_arrow:"):
            return None
    return start.make_experiment(
        registry,
        title=title,
        dataset=Component(name=dataset, options=dataset_options),
        model=Component(name=model, options=model_options),
        strategies=strategies,
        n_seeds=int(counts["seeds"]),
        sizes=sizes,
    )


def _select(label: str, specs: dict[str, Spec], *, key: str) -> str | None:
    names = start.ready_first(specs)
    return st.selectbox(label, names, format_func=start.labels(specs).__getitem__, key=key)


def _options(spec: Spec, kind: str) -> dict[str, Scalar]:
    return _fields(f"Options of the {kind}", describe(spec.options), f"{kind}_{spec.name}")


def _fields(caption: str, infos: Sequence[OptionInfo], key: str) -> dict[str, Scalar]:
    if infos:
        st.caption(caption)
    return option_fields(infos, key=key)
