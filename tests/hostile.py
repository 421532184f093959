"""Names that are markup, links, quotes, emoji, right-to-left text, or simply very long."""

from unittest import mock

import fakes
from alcore.experiment import parse_experiment
from alcore.queueing import queue_experiment
from alcore.store import Store
from carry_out import carry_out

MARKUP = (
    "**x** [l](http://e.v) <b>&amp;<img src=http://e.v/i> :red[y] $z$ `c` \"q\" 'q' "
    "http://e.v 💥 שלום =1+1 "
)
HOSTILE = MARKUP + "w" * (10_000 - len(MARKUP))


class HostilePoints(fakes.Points):
    """Every name that a dataset brings along is hostile."""

    def __init__(self) -> None:
        super().__init__()
        self.ids = tuple(f"{i} {HOSTILE}"[:10_000] for i in range(len(self.ids)))
        self.class_names = tuple(f"{i} {HOSTILE}"[:10_000] for i in range(3))
        self.fingerprint = "hostile"


def play_hostile(store: Store) -> None:
    """Run a small experiment on such a dataset."""
    with mock.patch("fakes.Points", HostilePoints):
        made = fakes.registry()
        text = fakes.EXPERIMENT.replace('"Points"', repr(MARKUP.replace("'", "’")))
        queue_experiment(store, parse_experiment(text, made, overrides=["seeds=1"]), made)
        carry_out(store, made)
