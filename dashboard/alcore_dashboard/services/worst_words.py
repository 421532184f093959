"""What the page of the worst samples says about them, in plain sentences."""

import numpy as np

from alcore_dashboard.services.worst import NONE, UNKNOWN, Worst
from alcore_dashboard.services.worst_table import Mask, corrected, is_wrong, same_picture


def takeaway(worst: Worst, number: int) -> str:
    """How sure and how right the model was on them, and how many were chosen for labelling."""
    top, k = worst.probabilities.max(axis=1), len(worst.ids)
    sure = f"{top[0]:.0%}" if k == 1 else f"{top[0]:.0%} to {top[-1]:.0%}"
    about = f"Round {number} is least sure of these {k}: its best guess has a probability of {sure}"
    known = int((worst.truth != UNKNOWN).sum())
    right = (
        f"it is wrong on {is_wrong(worst).sum()} of {known}" if known else "nobody knows if right"
    )
    return f"{about}; {right}, and {worst.picked.sum()} of {k} were picked for labelling."


def afterwards(worst: Worst, number: int) -> str:
    """What later rounds made of the samples that were wrong, and what cannot be known."""
    wrong = is_wrong(worst)
    if not len(worst.later.rounds):
        return (
            f"Round {number} is the newest, so no retrained model has seen these samples yet; "
            "choose an earlier round to see what retraining did."
        )
    if not (worst.truth != UNKNOWN).any():
        return "Nobody knows the true classes, so nobody knows which became right."
    if not wrong.any():
        return "The model was right on all of them, so none could become right."
    later = worst.later
    seen = later.predicted_last != NONE
    # A batch is learnt in the round after it was chosen.
    learnt = (later.labelled_in != NONE) & (later.rounds[later.newest] > later.labelled_in)
    sentences = [
        _seen_again(worst, wrong & seen & learnt, "labelled and learnt (training data now)"),
        _seen_again(worst, wrong & seen & ~learnt, "left in the pool"),
    ]
    if lost := int((wrong & ~seen).sum()):
        sentences.append(f"Of {lost} no later prediction is kept.")
    return " ".join(sentence for sentence in sentences if sentence)


def _seen_again(worst: Worst, which: Mask, fate: str) -> str:
    if not (n := int(which.sum())):
        return ""
    right = int(corrected(worst)[which].sum())
    return f"Of {n} wrong ones that were {fate}, {right} flipped to right."


def sizes(worst: Worst, shown: int, number: int, seed: int) -> str:
    """What n is, which run it comes from, and where the truth is from."""
    known = int((worst.truth != UNKNOWN).sum())
    truth = f"true classes from the dataset ({known} known)" if known else "true classes unknown"
    return f"n = {shown} of {len(worst.ids)} samples, round {number}, seed {seed}; {truth}."


def pictures(worst: Worst) -> str:
    """Which pictures stand more than once, and which are not there; "" where all is well."""
    parts = []
    groups = np.array(same_picture(worst))
    if groups.any():
        parts.append(
            f"{(groups > 0).sum()} samples share their picture with another one; it is held "
            "against the others as the store keeps it, small, and only exact duplicates count."
        )
    missing = worst.pictures.count(None)
    if missing == len(worst.pictures):
        parts.append("No pictures: the dataset has none, or the store no longer keeps them.")
    elif missing:
        parts.append(f"The store keeps no picture of {missing} samples.")
    return " ".join(parts)
