"""Charts: from data to Altair, without Streamlit; one module per subject."""

from alcore_dashboard.figures.budget import utility_curve
from alcore_dashboard.figures.criteria import class_bars
from alcore_dashboard.figures.learning import learning_curves
from alcore_dashboard.figures.style import BLUE, GREEN, GREY, PALETTE, VERMILLION, Figure

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "PALETTE",
    "VERMILLION",
    "Figure",
    "class_bars",
    "learning_curves",
    "utility_curve",
]
