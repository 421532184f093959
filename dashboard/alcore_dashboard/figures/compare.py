"""How far probabilities can be believed."""

import altair as alt
import pandas as pd

from alcore_dashboard.figures import style
from alcore_dashboard.figures.style import Figure

_SHAPES = ("circle", "square", "triangle-up")


def reliability(table: pd.DataFrame, *, subtitle: str) -> Figure:
    """Accuracy against the largest probability; on the thin diagonal both agree.

    Args:
        table: As `services.compare.reliability_table` gives it.
        subtitle: What n, seeds and strategy are.
    """
    names = table.drop_duplicates("series")
    order, randoms = names["series"].tolist(), names["random"].tolist()
    free = iter(style.PALETTE)
    colours = [style.GREY if random else next(free) for random in randoms]
    dashes = [style.DASHED if random else [1, 0] for random in randoms]
    scale = alt.Scale(domain=[0, 1])
    # A column of its own: dashed symbols in the legend could not be told apart.
    base = alt.Chart(style.inline(table.assign(dash=table["series"]))).encode(
        x=alt.X("confidence:Q", title="largest probability", axis=style.percent(5), scale=scale),
        y=alt.Y("accuracy:Q", title="share right", axis=style.percent(5), scale=scale),
        color=style.told_apart(alt.Color, "series", order, colours),
    )
    ends = pd.DataFrame({"confidence": [0, 1], "accuracy": [0, 1]})
    diagonal = alt.Chart(style.inline(ends)).mark_line(color=style.GREY, strokeWidth=1)
    layers = (
        diagonal.encode(x="confidence:Q", y="accuracy:Q"),
        base.mark_line(strokeWidth=2).encode(
            strokeDash=style.told_apart(alt.StrokeDash, "dash", order, dashes, legend=None)
        ),
        base.mark_point(filled=True, opacity=1).encode(
            size=alt.Size("samples:Q", scale=alt.Scale(range=[25, 220]), legend=None),
            shape=style.told_apart(alt.Shape, "series", order, _SHAPES),
            tooltip=[
                "series:N",
                alt.Tooltip("confidence:Q", format=".1%"),
                alt.Tooltip("accuracy:Q", format=".1%"),
                alt.Tooltip("samples:Q", format=","),
            ],
        ),
    )
    return style.figure(layers, "How far probabilities can be believed", subtitle, 440)
