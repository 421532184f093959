"""The active-learning loop as two calls: `ask` for the samples to label, `tell` their labels.

People and the simulated oracle use the same two calls. A run knows no store and no page.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from alcore.datasets import Dataset, Labelled, Samples
from alcore.errors import AlcoreError, UsageError
from alcore.metrics import evaluate
from alcore.models import Model, Progress
from alcore.rounds import QUANTILES_KEPT, WORST_KEPT, Evaluation, RoundArrays, RoundResult
from alcore.seeding import derived_seed, generator
from alcore.splits import Splits
from alcore.strategies import Query, Request, Selection, Strategy
from alcore.topk import top_k
from alcore.types import FloatArray, IntArray

PREDICTED_AT_ONCE = 500
"""Samples per call of `predict_proba`: bounds the images in memory and the time to a stop."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run is to do.

    Attributes:
        splits: Where it starts.
        budget: Labels to buy beyond the initial ones, in samples, at least 1.
        batch: Labels per round, at least 1; the last batch may be smaller.
        seed: Seed of every random choice.
    """

    splits: Splits
    budget: int
    batch: int
    seed: int

    def __post_init__(self) -> None:
        for name, value in (("samples", self.budget), ("batch", self.batch)):
            if value < 1:
                raise UsageError(f"budget.{name} must be at least 1, not {value}")
        if self.budget > len(self.splits.pool):
            raise UsageError(
                f"budget.samples is {self.budget} but the pool has {len(self.splits.pool)} "
                "samples; ask for fewer"
            )

    @property
    def rounds(self) -> int:
        """Number of rounds, the first model included."""
        return -(-self.budget // self.batch) + 1


@dataclass(frozen=True, kw_only=True)
class Round:
    """One finished round: its numbers and its arrays."""

    result: RoundResult
    arrays: RoundArrays


@dataclass(frozen=True, kw_only=True)
class _Open:
    """A round that waits for the labels of its batch."""

    test: Evaluation
    validation: Evaluation | None
    arrays: RoundArrays
    seconds: Mapping[str, float]
    n_labelled: int


def unwatched(step: str, fraction: float) -> None:
    """Progress that nobody watches."""


class Run:
    """One strategy, one model, one dataset, one seed.

    Args:
        dataset: Where the samples come from.
        make_model: Makes an untrained model; called once a round.
        strategy: Chooses the batches.
        plan: Splits, budget and batch size.
        n_classes: Number of classes of the project.
        labels: Class index per sample of the dataset, shape (n,), -1 where unknown. Only the
            initial, validation and test splits are read; the pool's labels come by `tell`.
        progress: Told of each step; may raise RunStopped.

    Raises:
        UsageError: A label of the initial, validation or test split is unknown.
    """

    def __init__(
        self,
        *,
        dataset: Dataset,
        make_model: Callable[[], Model],
        strategy: Strategy,
        plan: Plan,
        n_classes: int,
        labels: IntArray,
        progress: Progress = unwatched,
    ) -> None:
        self.plan = plan
        self.rounds: list[Round] = []
        self._dataset = dataset
        self._make_model = make_model
        self._strategy = strategy
        self._n_classes = n_classes
        self._progress = progress
        self._labels = _starting_labels(labels, plan.splits)
        self._labelled = plan.splits.initial
        self._pool = plan.splits.pool
        self._model: Model | None = None
        self._number = 0
        self._learnt = self._pool[:0]
        self._is_over = False
        self._open: _Open | None = None

    @property
    def number(self) -> int:
        """The round that comes next; earlier ones are played."""
        return self._number

    @property
    def is_over(self) -> bool:
        """Whether the last round is played."""
        return self._is_over

    def resume(
        self,
        batches: Sequence[Mapping[int, int]],
        *,
        is_over: bool = False,
        load: Callable[[Model], bool] = lambda model: False,
    ) -> None:
        """Go on after rounds that an earlier process played: what follows is the same.

        Args:
            batches: The labels of each of those rounds, class index by position, in the order
                in which they were chosen; the last one is empty where the run is over.
            is_over: Whether the last of them was the run's last.
            load: Loads what the last round learnt into an untrained model; False where it was
                not kept. Then those rounds are trained again, which takes as long as before.
        """
        kept = None if is_over or not batches else self._make_model()
        missing = kept is not None and not load(kept)
        for batch in batches:
            if missing:
                self._train()
            self._learn(np.array(list(batch), np.int64), np.array(list(batch.values()), np.int64))
        if not missing:
            self._model = kept
        self._is_over = is_over

    def save_model(self, folder: Path) -> None:
        """Write what the last round learnt into an empty folder, for `resume`."""
        if self._model is not None:
            self._model.save(folder)

    def ask(self) -> tuple[str, ...] | None:
        """Train, evaluate and choose; the ids to label next, or None when the budget is spent.

        Asking again before `tell` gives the same ids without work.
        """
        if self._open is None and not self._is_over:
            self._open = self._play_round()
            if not len(self._open.arrays.picks):
                self._close(self._open, batch=None, classes=())
                self._is_over = True
        if self._open is None:
            return None
        return tuple(self._dataset.ids[i] for i in self._open.arrays.picks)

    def tell(self, labels: Mapping[str, int]) -> None:
        """Give the label of every id that `ask` returned, as a class index.

        Raises:
            UsageError: Nothing was asked, an id is missing or was not asked, or a label is
                not a class. Nothing is changed then.
        """
        if self._open is None:
            raise UsageError("tell() needs a batch: call ask() first")
        picks = self._open.arrays.picks
        given = self._read_answer(labels, picks)
        classes = np.bincount(given, minlength=self._n_classes)
        batch = evaluate(self._open.arrays.picks_probabilities, given)
        self._close(self._open, batch=batch, classes=tuple(int(n) for n in classes))
        self._learn(picks, given)

    def _learn(self, picks: IntArray, labels: IntArray) -> None:
        """The batch of a round is labelled: the next round may begin."""
        self._labels[picks] = labels
        self._labelled = np.concatenate([self._labelled, picks])
        self._pool = np.setdiff1d(self._pool, picks, assume_unique=True)
        self._learnt = picks
        self._number += 1

    @property
    def _remaining(self) -> int:
        return self.plan.budget - (len(self._labelled) - len(self.plan.splits.initial))

    def _play_round(self) -> _Open:
        seconds: dict[str, float] = {}
        with self._step("train", seconds):
            model = self._train()
        with self._step("evaluate", seconds):
            test = self._evaluate(model, self.plan.splits.test)
            validation = self._evaluate(model, self.plan.splits.validation)
        with self._step("score", seconds):
            probabilities = self._predict(model, self._pool, "score")
            learnt = self._learnt
            learnt_probabilities = self._predict(model, learnt, "score")
        with self._step("select", seconds):
            selection = self._select(probabilities)
        return _Open(
            test=_known(test),
            validation=validation,
            arrays=_arrays(
                self._pool, probabilities, selection, learnt=(learnt, learnt_probabilities)
            ),
            seconds=seconds,
            n_labelled=len(self._labelled),
        )

    @contextmanager
    def _step(self, name: str, seconds: dict[str, float]) -> Iterator[None]:
        self._progress(name, 0.0)
        start = time.perf_counter()
        yield
        seconds[name] = time.perf_counter() - start

    def _train(self) -> Model:
        model = self._make_model()
        model.fit(
            self._with_labels(self._labelled),
            self._with_labels(self.plan.splits.validation),
            seed=derived_seed(self.plan.seed, "model", self._number),
            progress=self._progress,
            previous=self._model,
        )
        self._model = model
        return model

    def _with_labels(self, positions: IntArray) -> Labelled:
        samples = Samples(dataset=self._dataset, positions=positions)
        return Labelled(samples=samples, labels=self._labels[positions], n_classes=self._n_classes)

    def _evaluate(self, model: Model, positions: IntArray) -> Evaluation | None:
        if not len(positions):
            return None
        return evaluate(self._predict(model, positions, "evaluate"), self._labels[positions])

    def _predict(self, model: Model, positions: IntArray, step: str) -> FloatArray:
        if not len(positions):
            return np.empty((0, self._n_classes), dtype=np.float32)
        parts = []
        for first in range(0, len(positions), PREDICTED_AT_ONCE):
            self._progress(step, first / len(positions))
            part = positions[first : first + PREDICTED_AT_ONCE]
            parts.append(model.predict_proba(Samples(dataset=self._dataset, positions=part)))
            check_prediction(parts[-1], (len(part), self._n_classes))
        return np.concatenate(parts)

    def _select(self, probabilities: FloatArray) -> Selection:
        wanted = min(self.plan.batch, self._remaining)
        # With the budget spent the strategy is still asked, for the utilities of what is left.
        n = wanted or min(self.plan.batch, len(self._pool))
        if not n:
            return Selection(positions=np.empty(0, dtype=np.int64))
        rng = generator(self.plan.seed, "select", self._number)
        rank = np.arange(len(self._pool), dtype=np.int64)
        query = Query(probabilities=probabilities, rank=rank)
        selection = self._strategy.select(query, Request(n=n), rng)
        check_selection(selection, n=n, pool=len(self._pool))
        return Selection(positions=selection.positions[:wanted], utilities=selection.utilities)

    def _read_answer(self, labels: Mapping[str, int], picks: IntArray) -> IntArray:
        asked = [self._dataset.ids[i] for i in picks]
        for name in asked:
            if name not in labels:
                raise UsageError(f"no label for {name!r}; tell() needs all {len(asked)} asked ids")
        for name, label in labels.items():
            if not 0 <= label < self._n_classes:
                raise UsageError(
                    f"label {label!r} of {name!r} must be a class index, 0 to {self._n_classes - 1}"
                )
        if len(labels) > len(asked):
            extra = next(iter(set(labels) - set(asked)))
            raise UsageError(f"{extra!r} was not asked in this round; tell() only what ask() gave")
        return np.array([labels[name] for name in asked], dtype=np.int64)

    def _close(self, done: _Open, *, batch: Evaluation | None, classes: tuple[int, ...]) -> None:
        result = RoundResult(
            number=self._number,
            n_labelled=done.n_labelled,
            test=done.test,
            validation=done.validation,
            batch=batch,
            batch_classes=classes,
            seconds=done.seconds,
        )
        self.rounds.append(Round(result=result, arrays=done.arrays))
        self._open = None


def _known(evaluation: Evaluation | None) -> Evaluation:
    if evaluation is None:
        raise AlcoreError("a run needs a test split of at least one sample")
    return evaluation


def _starting_labels(labels: IntArray, splits: Splits) -> IntArray:
    known = np.full(len(labels), -1, dtype=np.int64)
    for name in ("initial", "validation", "test"):
        positions = getattr(splits, name)
        known[positions] = labels[positions]
        if unknown := int((labels[positions] < 0).sum()):
            raise UsageError(f"{unknown} samples of the {name} split have no known label")
    return known


def _arrays(
    pool: IntArray,
    probabilities: FloatArray,
    selection: Selection,
    *,
    learnt: tuple[IntArray, FloatArray],
) -> RoundArrays:
    worst = top_k(-probabilities.max(axis=1), min(WORST_KEPT, len(pool))) if len(pool) else pool
    return RoundArrays(
        picks=pool[selection.positions],
        picks_probabilities=probabilities[selection.positions],
        worst=pool[worst],
        worst_probabilities=probabilities[worst],
        learnt=learnt[0],
        learnt_probabilities=learnt[1],
        quantiles=_quantiles(selection.utilities),
        pool=pool,
        probabilities=probabilities,
    )


def _quantiles(utilities: FloatArray | None) -> FloatArray:
    if utilities is None or not len(utilities):
        return np.empty(0, dtype=np.float64)
    return np.quantile(utilities.astype(np.float64), np.linspace(0, 1, QUANTILES_KEPT))


def check_prediction(probabilities: FloatArray, shape: tuple[int, int]) -> None:
    """Refuse what a model must not return.

    Raises:
        AlcoreError: Wrong shape, a value that is not finite or negative, a row whose sum
            is further than 1e-3 from 1.
    """
    if probabilities.shape != shape:
        raise AlcoreError(
            f"the model gave probabilities of shape {probabilities.shape}, not {shape}"
        )
    if not np.isfinite(probabilities).all() or (probabilities < 0).any():
        raise AlcoreError(
            "the model gave probabilities that are negative, infinite or not a number"
        )
    worst = float(np.abs(probabilities.sum(axis=1, dtype=np.float64) - 1).max(initial=0))
    if worst > 1e-3:
        raise AlcoreError(f"the model gave probabilities whose sum is {worst:.3g} away from 1")


def check_selection(selection: Selection, *, n: int, pool: int) -> None:
    """Refuse what a strategy must not return.

    Raises:
        AlcoreError: No Selection, not exactly n positions, one twice, one outside the pool, or
            utilities for another number of samples or not finite.
    """
    if not isinstance(selection, Selection):
        raise AlcoreError(f"the strategy gave {type(selection).__name__}, not a Selection")
    positions = np.asarray(selection.positions)
    if positions.shape != (n,) or not np.issubdtype(positions.dtype, np.integer):
        raise AlcoreError(
            f"the strategy chose {positions.shape} positions; asked were {n} integers"
        )
    if len(np.unique(positions)) != n:
        raise AlcoreError("the strategy chose the same sample more than once")
    if positions.min() < 0 or positions.max() >= pool:
        raise AlcoreError(f"the strategy chose a position outside the pool of {pool}")
    if selection.utilities is not None:
        _check_utilities(selection.utilities, pool)


def _check_utilities(utilities: FloatArray, pool: int) -> None:
    if utilities.shape != (pool,):
        raise AlcoreError(f"the strategy gave {utilities.shape} utilities for {pool} samples")
    finite = np.isfinite(utilities)
    if not finite.all():
        row = int(finite.argmin())
        raise AlcoreError(
            f"the strategy gave the utility {utilities[row]} to position {row} of the pool; "
            "utilities must be finite"
        )
