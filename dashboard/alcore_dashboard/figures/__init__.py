"""Charts: from data to Altair, without Streamlit; one module per subject."""

from alcore_dashboard.figures.bars import class_bars
from alcore_dashboard.figures.learning import learning_curves
from alcore_dashboard.figures.style import GREY, PALETTE, Figure
from alcore_dashboard.figures.utility import utility_curve

__all__ = ["GREY", "PALETTE", "Figure", "class_bars", "learning_curves", "utility_curve"]
