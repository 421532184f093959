"""A model that gets into trouble on demand, for workers in processes of their own."""

import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from alcore.components import ModelSpec
from alcore.hookspecs import hookimpl
from alcore.options import option
from fakes import NearestCentre


@dataclass(frozen=True, kw_only=True)
class TroubleOptions:
    kind: str = option("none", help="what happens with more labels than these")
    labels: int = option(50, help="so many", minimum=0)
    seconds: float = option(0.0, help="time that each of ten steps of a fit takes", minimum=0.0)


class Trouble(NearestCentre):
    def __init__(self, options: TroubleOptions) -> None:
        super().__init__()
        self.options = options

    def fit(self, labelled: Any, validation: Any, *, progress: Any, **given: Any) -> None:
        for i in range(10):
            progress("train", i / 10)
            time.sleep(self.options.seconds)
        super().fit(labelled, validation, progress=progress, **given)
        if len(labelled.labels) > self.options.labels:
            TROUBLES[self.options.kind]()

    def predict_proba(self, samples: Any) -> Any:
        probabilities = super().predict_proba(samples)
        return probabilities * np.nan if self.options.kind == "nan" else probabilities


def fail() -> None:
    print("about to fail")  # noqa: T201 -- what a plugin prints goes to the log of its run
    raise RuntimeError("the gradient has gone fishing")


def exhaust() -> None:
    raise MemoryError("no room for 2 TB")


TROUBLES: dict[str, Any] = {
    "none": lambda: None,
    "nan": lambda: None,
    "raise": fail,
    "exit": lambda: sys.exit("goodbye"),
    "os_exit": lambda: os._exit(3),
    "memory": exhaust,
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "hang": lambda: time.sleep(600),
}


@hookimpl
def alcore_models() -> list[ModelSpec]:
    return [
        ModelSpec(
            name="trouble",
            summary="class means, and trouble",
            make=Trouble,
            options=TroubleOptions,
            consumes="features",
        )
    ]
