"""From an experiment to what a run needs in memory: the dataset with its features, the splits."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from alcore.datasets import Dataset, LeavesOut, Ordered
from alcore.errors import AlcoreError, UsageError
from alcore.experiment import Experiment
from alcore.features import Embedded, FeatureCache, in_memory
from alcore.models import Backbone, Model, Progress, unwatched
from alcore.near_duplicates import Duplicates, check_size, near_duplicates
from alcore.options import build
from alcore.plan import Plan
from alcore.plugins import Registry
from alcore.runs import Run
from alcore.splits import Splits, draw_splits
from alcore.types import IntArray


@dataclass(frozen=True, kw_only=True)
class LoadedDataset:
    """A dataset in memory with what the simulated oracle needs of it.

    Attributes:
        dataset: With the features of the model's backbone, where it has one.
        labels: Class index per sample, shape (n,), all known.
        class_names: One per class.
        find_duplicates: Looks for near-identical samples, which takes seconds.
        left_out: Number of files and the like that the dataset could not read.
    """

    dataset: Dataset
    labels: IntArray
    class_names: tuple[str, ...]
    find_duplicates: Callable[[], Duplicates | None]
    left_out: int = 0

    @cached_property
    def duplicates(self) -> Duplicates | None:
        """Near-identical samples, found when first asked for; None where nobody wants them."""
        return self.find_duplicates()


def load_dataset(
    experiment: Experiment,
    registry: Registry,
    *,
    cache: FeatureCache | None = None,
    progress: Progress = unwatched,
) -> LoadedDataset:
    """Make the experiment's dataset, ready for simulation.

    Args:
        experiment: Which dataset, and which model, whose backbone's features are computed.
        registry: Where they are looked up.
        cache: Keeps features between processes; None computes them anew, in memory.
        progress: Told of "features"; may raise RunStopped.

    Raises:
        AlcoreError: It lacks a label or the class names, so that no oracle can be simulated.
    """
    spec = registry.dataset(experiment.dataset.name)
    dataset: Dataset = spec.create(build(spec.options, experiment.dataset.options, where="dataset"))
    labels, names = dataset.known_labels, dataset.class_names
    if labels is None or names is None:
        raise AlcoreError(
            f"dataset {spec.name!r} has no labels to simulate an oracle with; "
            "use alcore.runs.Run and tell it the labels"
        )
    if unknown := int((labels < 0).sum()):
        raise AlcoreError(
            f"dataset {spec.name!r} has {unknown} samples without a label, which no simulated "
            "oracle can answer; use alcore.runs.Run and tell it the labels"
        )
    left_out = len(dataset.skipped) if isinstance(dataset, LeavesOut) else 0
    backbone = _backbone(experiment, registry)
    if backbone is not None and cache is not None:
        dataset = Embedded(dataset, cache.rows(dataset, backbone, progress))
    elif backbone is not None:
        dataset = in_memory(dataset, backbone)
    return LoadedDataset(
        dataset=dataset,
        labels=labels,
        class_names=tuple(names),
        find_duplicates=partial(_duplicates, experiment, dataset, embedded=backbone is not None),
        left_out=left_out,
    )


def _backbone(experiment: Experiment, registry: Registry) -> Backbone | None:
    spec = registry.model(experiment.model.name)
    if spec.backbone is None:
        return None
    made: Backbone | None = spec.backbone(
        build(spec.options, experiment.model.options, where="model")
    )
    return made


def _duplicates(experiment: Experiment, dataset: Dataset, *, embedded: bool) -> Duplicates | None:
    """Raw features say little of likeness, so they are asked only where the user wants it."""
    wanted = experiment.duplicates == "together"
    if not (embedded or wanted):
        return None
    try:
        check_size(len(dataset.ids))
        return near_duplicates(dataset.features(np.arange(len(dataset.ids))))
    except UsageError:  # too many samples or pairs: a report is no reason to fail a run
        if wanted:
            raise
        return None
    except AlcoreError as error:
        raise UsageError(
            'splits.duplicates = "together" goes by the features of the dataset or of a frozen '
            "backbone, and there are none here; set model.fine_tune=false, or leave it out"
        ) from error


def splits_of(experiment: Experiment, loaded: LoadedDataset, *, seed: int) -> Splits:
    """The splits of one seed, as the experiment wants them drawn.

    Raises:
        UsageError: They do not fit, or the dataset has no order of its own.
    """
    n, order, groups = len(loaded.dataset.ids), None, None
    if experiment.order == "source":
        order = _source_order(loaded.dataset, experiment.dataset.name)
    if experiment.duplicates == "together" and loaded.duplicates is not None:
        groups = loaded.duplicates.groups(n)
    return draw_splits(
        n,
        initial=experiment.initial,
        validation=experiment.validation,
        test=experiment.test,
        seed=seed,
        order=order,
        groups=groups,
        labels=loaded.labels,
        imbalance=experiment.imbalance,
    )


def _source_order(dataset: Dataset, name: str) -> IntArray:
    if not isinstance(dataset, Ordered):
        raise UsageError(
            f'dataset {name!r} has no order of its own; set splits.order to "shuffled"'
        )
    return dataset.source_order


def facts_of(loaded: LoadedDataset, splits: Splits) -> dict[str, int]:
    """What was left out; near-identical pairs, and how many have one side in the test split."""
    facts = {"left_out": loaded.left_out} if loaded.left_out else {}
    found = loaded.duplicates
    if found is None:
        return facts
    tested = np.isin(found.pairs, splits.test)
    return facts | {
        "identical_pairs": int(found.identical.sum()),
        "near_pairs": int((~found.identical).sum()),
        "pairs_across_test": int((tested[:, 0] != tested[:, 1]).sum()),
    }


def make_run(
    experiment: Experiment,
    loaded: LoadedDataset,
    registry: Registry,
    *,
    strategy: str,
    seed: int,
    progress: Progress = unwatched,
) -> Run:
    """The run of one strategy and seed of an experiment."""
    chosen = registry.strategy(strategy)
    given = next(
        part.options for part in experiment.strategies if registry.strategy(part.name) is chosen
    )
    return Run(
        dataset=loaded.dataset,
        make_model=_model_factory(experiment, registry),
        strategy=chosen.create(build(chosen.options, given, where="strategy")),
        plan=Plan(
            splits=splits_of(experiment, loaded, seed=seed),
            budget=experiment.samples,
            batch=experiment.batch,
            seed=seed,
            spend=experiment.spend or None,
            pipeline=experiment.pipeline,
        ),
        needs=chosen.needs,
        exact_up_to=chosen.exact_up_to,
        n_classes=len(loaded.class_names),
        labels=loaded.labels,
        progress=progress,
    )


def _model_factory(experiment: Experiment, registry: Registry) -> Callable[[], Model]:
    spec = registry.model(experiment.model.name)
    options = build(spec.options, experiment.model.options, where="model")
    return lambda: spec.create(options)
