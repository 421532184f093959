"""What a run is to do."""

from dataclasses import dataclass, field

from alcore.errors import UsageError
from alcore.pipeline import Pipeline
from alcore.splits import Splits


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run is to do.

    Attributes:
        splits: Where it starts.
        budget: Labels to buy beyond the initial ones, in samples, at least 1.
        batch: Labels per round, at least 1; the last batch may be smaller.
        seed: Seed of every random choice.
        spend: The most that the bought labels may cost together, in the unit of the dataset's
            costs; None where only their number counts.
        pipeline: What surrounds the strategy.
    """

    splits: Splits
    budget: int
    batch: int
    seed: int
    spend: float | None = None
    pipeline: Pipeline = field(default_factory=Pipeline)

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
