"""The numbers of a comparison in rows: for machines as they are, for people as text."""

from collections.abc import Sequence

from alcore.comparison import Comparison, Entry
from alcore.results import Outcome, saved_text
from alcore.rounds import Calibration

Row = dict[str, str]
_MOST_POINTS = 8
_NONE = "–"


def numbers(entry: Entry) -> dict[str, object]:
    """Everything about one strategy, flat; None where it is not known."""
    gain, saved, curve = entry.gain, entry.saved, entry.curve
    return {
        "strategy": curve.strategy,
        "experiment": entry.experiment,
        "seeds": len(curve.seeds),
        "labels": int(curve.labels[-1]),
        "area": entry.area,
        "gain": gain and gain.mean,
        "gain_low": gain and gain.low,
        "gain_high": gain and gain.high,
        "pairs": gain and gain.pairs,
        "wins": gain and gain.wins,
        "ties": gain and gain.ties,
        "losses": gain and gain.losses,
        "p": gain and gain.p,
        "p_holm": gain and gain.holm,
        "verdict": gain and str(gain.verdict),
        "labels_saved": saved and saved.fraction,
        "labels_saved_low": saved and saved.low,
        "labels_saved_high": saved and saved.high,
        **entry.final,
        "ece": entry.calibration and entry.calibration.ece,
        "ece_without_temperature": entry.uncalibrated and entry.uncalibrated.ece,
        "classes_labelled": entry.classes,
        "smallest_class_share": entry.smallest_share,
        "select_seconds": entry.select_seconds,
    }


def curve_rows(found: Comparison, names: Sequence[str]) -> list[Row]:
    """Mean and standard deviation over seeds by number of labels, at most 8 of them."""
    return [
        {"strategy": name} | _points(entry)
        for name, entry in zip(names, found.entries, strict=True)
    ]


def _points(entry: Entry) -> Row:
    curve = entry.curve
    last = len(curve.labels) - 1
    shown = sorted({round(i * last / (_MOST_POINTS - 1)) for i in range(_MOST_POINTS)})
    return {
        f"{curve.labels[i]:,}": f"{curve.mean[i]:.1%} ± {100 * curve.spread[i]:.1f}" for i in shown
    }


def gain_rows(found: Comparison, names: Sequence[str]) -> list[Row]:
    """Area under the curve and what it gains over random, in points; labels saved."""
    return [
        {"strategy": name}
        | _gain(entry)
        | {
            "area": f"{entry.area:.1%}",
            "labels saved": saved_text(Outcome(curve=entry.curve, saved=entry.saved)),
        }
        for name, entry in zip(names, found.entries, strict=True)
    ]


def _gain(entry: Entry) -> Row:
    gain = entry.gain
    if gain is None:
        why = "baseline" if entry.is_random else "no random to pair with"
        return {"verdict": why, "gain": _NONE, "w/t/l": _NONE, "p": _NONE, "Holm": _NONE}
    interval = f" [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]" if gain.pairs > 1 else ""
    return {
        "verdict": str(gain.verdict),
        "gain": f"{100 * gain.mean:+.1f}{interval}",
        "w/t/l": f"{gain.wins}/{gain.ties}/{gain.losses}",
        "p": f"{gain.p:.2g}",
        "Holm": f"{gain.holm:.2g}",
    }


def final_rows(found: Comparison, names: Sequence[str]) -> list[Row]:
    """The last round: metrics and calibration error."""
    return [
        {"strategy": name}
        | {metric_title(metric): f"{value:.1%}" for metric, value in entry.final.items()}
        | {
            "ECE": _ece(entry.calibration),
            "ECE without temperature": _ece(entry.uncalibrated),
        }
        for name, entry in zip(names, found.entries, strict=True)
    ]


def metric_title(key: str) -> str:
    """A name of `compare.METRICS` for people."""
    return key.replace("_f1", " F1").replace("_", " ")


def _ece(calibration: Calibration | None) -> str:
    return _NONE if calibration is None else f"{calibration.ece:.1%}"


def batch_rows(found: Comparison, names: Sequence[str]) -> list[Row]:
    """What was labelled, how long choosing took, and the share of batches in common."""
    return [
        {
            "strategy": f"{i} {name}",
            "classes": f"{entry.classes:.1f} of {found.n_classes}",
            "rarest class": f"{entry.smallest_share:.1%}",
            "time a batch": _time(entry.select_seconds),
        }
        | {f"with {k}": _share(share) for k, share in enumerate(found.overlap[i - 1], 1)}
        for i, (name, entry) in enumerate(zip(names, found.entries, strict=True), 1)
    ]


def _time(seconds: float | None) -> str:
    if seconds is None:
        return _NONE
    return f"{1000 * seconds:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _share(share: float | None) -> str:
    return _NONE if share is None else f"{share:.0%}"
