"""Leases of runs, what people note about them, and what a list of ten thousand shows at once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_RUNS = (
    sa.Column("token", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lease_until", sa.Double),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("stop_now", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("traceback", sa.Text),
    sa.Column("best_accuracy", sa.Float),
    sa.Column("n_labelled", sa.Integer),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
)
_BOTH = (
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("tags", sa.JSON, nullable=False, server_default="[]"),
)


def upgrade() -> None:
    """Add the columns; runs that an older alcore left running have a lease that is over."""
    for column in (*_RUNS, *_BOTH):
        op.add_column("runs", column)
    for column in _BOTH:
        op.add_column("experiments", column)
    op.execute("UPDATE runs SET lease_until = 0 WHERE state IN ('running', 'stopping')")
    op.execute(
        "UPDATE runs SET "
        "best_accuracy = (SELECT max(test_accuracy) FROM rounds WHERE run_id = runs.id), "
        "n_labelled = (SELECT max(n_labelled) FROM rounds WHERE run_id = runs.id)"
    )
