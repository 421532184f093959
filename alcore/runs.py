"""The active-learning loop as two calls: `ask` for the samples to label, `tell` their labels.

People and the simulated oracle use the same two calls. A run knows no store and no page.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from alcore.datasets import Dataset, Labelled, Priced, Samples
from alcore.errors import UsageError
from alcore.learner import Learner
from alcore.metrics import calibration, evaluate, kappa
from alcore.models import Model, Progress, unwatched
from alcore.pipeline import Chosen, Purse, choose
from alcore.plan import Plan
from alcore.rounds import (
    QUANTILES_KEPT,
    WORST_KEPT,
    Calibration,
    Evaluation,
    RoundArrays,
    RoundResult,
)
from alcore.seeding import generator
from alcore.splits import Splits
from alcore.strategies import Need, Query, Strategy, check_cold_start
from alcore.topk import top_k
from alcore.types import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True)
class Round:
    """One finished round: its numbers and its arrays."""

    result: RoundResult
    arrays: RoundArrays


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
        needs: What the strategy reads of its query.
        exact_up_to: The most candidates the strategy can look at; None: any number.

    Raises:
        UsageError: A label of the initial, validation or test split is unknown, the strategy
            needs a model and there is no label to begin with, or the plan limits what is spent
            and the dataset has no costs.
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
        needs: frozenset[Need] = frozenset({"probabilities"}),
        exact_up_to: int | None = None,
    ) -> None:
        if not len(plan.splits.initial):
            check_cold_start(needs)
        self._costs = _costs(dataset) if plan.spend is not None else None
        self.plan = plan
        self.rounds: list[Round] = []
        self._dataset = dataset
        self._learner = Learner(
            dataset=dataset,
            make_model=make_model,
            n_classes=n_classes,
            seed=plan.seed,
            progress=progress,
        )
        self._strategy = strategy
        self._needs = plan.pipeline.needs(needs)
        self._exact_up_to = exact_up_to
        self._n_classes = n_classes
        self._progress = progress
        self._labels = _starting_labels(labels, plan.splits)
        self._labelled = plan.splits.initial
        self._pool = plan.splits.pool
        # What the newest model says of each sample that was in the pool then.
        self._said: IntArray | None = None
        self._number = 0
        self._learnt = self._pool[:0]
        self._is_over = False
        self._open: Round | None = None  # it waits for the labels of its batch
        self._n_random = 0

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
        needed = bool(batches) and not is_over
        missing = needed and not self._learner.load(load)
        for batch in batches:
            if missing:
                self._train()
            self._learn(np.array(list(batch), np.int64), np.array(list(batch.values()), np.int64))
        self._is_over = is_over

    @property
    def has_model(self) -> bool:
        """Whether the last round learnt something; without labels nothing can be."""
        return self._learner.has_model

    def save_model(self, folder: Path) -> None:
        """Write what the last round learnt into an empty folder, for `resume`."""
        self._learner.save(folder)

    def ask(self) -> tuple[str, ...] | None:
        """Train, evaluate and choose; the ids to label next, or None when the budget is spent.

        Asking again before `tell` gives the same ids without work.
        """
        if self._open is None and not self._is_over:
            self._open = self._play_round()
            if not len(self._open.arrays.picks):
                self._close(self._open)
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
        arrays = self._open.arrays
        given = self._read_answer(labels, arrays.picks)
        said, drawn = arrays.picks_probabilities, slice(len(given) - self._n_random, None)
        result = replace(
            self._open.result,
            batch=evaluate(said, given),
            batch_classes=tuple(np.bincount(given, minlength=self._n_classes).tolist()),
            audit=evaluate(said[drawn], given[drawn]) if self._n_random else None,
        )
        self._close(replace(self._open, result=result))
        self._learn(arrays.picks, given)

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

    def _play_round(self) -> Round:
        seconds: dict[str, float] = {}
        said = self._said_before()
        with self._step("train", seconds):
            self._train()
        with self._step("evaluate", seconds):
            tested = self._learner.predict(self.plan.splits.test, "evaluate")
            test = evaluate(tested, self._labels[self.plan.splits.test], calibrated=True)
            validation = self._evaluate(self.plan.splits.validation)
        with self._step("score", seconds):
            probabilities = self._learner.predict(self._pool, "score")
            learnt = self._learnt
            learnt_probabilities = self._learner.predict(learnt, "score")
        with self._step("select", seconds):
            chosen = self._select(probabilities)
        self._n_random = chosen.n_random
        result = RoundResult(
            number=self._number,
            n_labelled=len(self._labelled),
            test=test,
            validation=validation,
            batch=None,
            batch_classes=(),
            seconds=seconds,
            uncalibrated=self._uncalibrated(tested),
            candidates=chosen.candidates,
            stability=self._stability(said, probabilities),
        )
        learnt_too = (learnt, learnt_probabilities)
        arrays = _arrays(self._pool, probabilities, chosen, learnt=learnt_too)
        return Round(result=result, arrays=arrays)

    def _said_before(self) -> IntArray | None:
        """In a run that was resumed, the newest model is asked once more what it said."""
        if self._said is None and self._learner.has_model:
            then = np.union1d(self._pool, self._learnt)
            self._say(then, self._learner.predict(then, "score"))
        return self._said

    def _say(self, positions: IntArray, probabilities: FloatArray) -> None:
        self._said = np.full(len(self._labels), -1, dtype=np.int64)
        self._said[positions] = probabilities.argmax(axis=1)

    def _stability(self, said: IntArray | None, probabilities: FloatArray) -> float | None:
        if self._learner.has_model:
            self._say(self._pool, probabilities)
        if said is None or not len(self._pool):
            return None
        return kappa(said[self._pool], probabilities.argmax(axis=1), self._n_classes)

    @contextmanager
    def _step(self, name: str, seconds: dict[str, float]) -> Iterator[None]:
        self._progress(name, 0.0)
        start = time.perf_counter()
        yield
        seconds[name] = time.perf_counter() - start

    def _train(self) -> None:
        labelled, validation = self._known
        self._learner.train(labelled, validation, number=self._number)

    @property
    def _known(self) -> tuple[Labelled, Labelled]:
        """Of training and of validation."""
        return self._with_labels(self._labelled), self._with_labels(self.plan.splits.validation)

    def _with_labels(self, positions: IntArray) -> Labelled:
        samples = Samples(dataset=self._dataset, positions=positions)
        return Labelled(samples=samples, labels=self._labels[positions], n_classes=self._n_classes)

    def _evaluate(self, positions: IntArray) -> Evaluation | None:
        if not len(positions):
            return None
        return evaluate(self._learner.predict(positions, "evaluate"), self._labels[positions])

    def _uncalibrated(self, tested: FloatArray) -> Calibration | None:
        raw = self._learner.before_tempering(tested)
        return None if raw is None else calibration(raw, self._labels[self.plan.splits.test])

    def _select(self, probabilities: FloatArray) -> Chosen:
        wanted = min(self.plan.batch, self._remaining)
        # With the budget spent the strategy is still asked, for the utilities of what is left,
        # where it reads no more than is there: a committee is not trained for them.
        n = wanted or (not self._needs - {"probabilities"}) * min(self.plan.batch, len(self._pool))
        purse = self._purse()
        if not n or (purse is not None and (purse.costs > purse.left).all()):
            return Chosen(positions=self._pool[:0], n_random=0, utilities=None, candidates=None)
        chosen = choose(
            self._strategy,
            self._query(probabilities),
            n,
            pipeline=self.plan.pipeline,
            draw=lambda purpose: generator(self.plan.seed, purpose, self._number),
            exact_up_to=self._exact_up_to,
            known=np.bincount(self._labels[self._labelled], minlength=self._n_classes),
            purse=purse,
        )
        if wanted:
            return chosen
        return replace(chosen, positions=self._pool[:0], n_random=0)

    def _purse(self) -> Purse | None:
        if self._costs is None or self.plan.spend is None:
            return None
        bought = self._labelled[len(self.plan.splits.initial) :]
        left = self.plan.spend - float(self._costs[bought].sum())
        return Purse(costs=self._costs[self._pool], left=left)

    def _query(self, probabilities: FloatArray) -> Query:
        made: dict[Need, Callable[[], FloatArray]] = {
            "probabilities": lambda: probabilities,
            "embeddings": lambda: self._learner.embed(self._pool),
            "labelled_embeddings": lambda: self._learner.embed(self._labelled),
            "members": lambda: self._learner.members(
                self._pool, *self._known, k=self.plan.pipeline.committee, number=self._number
            ),
        }
        rank = np.arange(len(self._pool), dtype=np.int64)
        given = {need: made[need]() for need in self._needs}
        return Query(rank=rank, n_classes=self._n_classes, **given)

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

    def _close(self, done: Round) -> None:
        self.rounds.append(done)
        self._open = None


def _costs(dataset: Dataset) -> FloatArray:
    costs = dataset.costs if isinstance(dataset, Priced) else None
    if costs is None:
        raise UsageError(
            "budget.spend needs what each label costs, and this dataset has no costs; leave it "
            "out, or give a table with an array called costs"
        )
    return costs


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
    chosen: Chosen,
    *,
    learnt: tuple[IntArray, FloatArray],
) -> RoundArrays:
    worst = top_k(-probabilities.max(axis=1), min(WORST_KEPT, len(pool))) if len(pool) else pool
    return RoundArrays(
        picks=pool[chosen.positions],
        picks_probabilities=probabilities[chosen.positions],
        worst=pool[worst],
        worst_probabilities=probabilities[worst],
        learnt=learnt[0],
        learnt_probabilities=learnt[1],
        quantiles=_quantiles(chosen.utilities),
        pool=pool,
        probabilities=probabilities,
    )


def _quantiles(utilities: FloatArray | None) -> FloatArray:
    if utilities is None or not len(utilities):
        return np.empty(0, dtype=np.float64)
    return np.quantile(utilities.astype(np.float64), np.linspace(0, 1, QUANTILES_KEPT))
