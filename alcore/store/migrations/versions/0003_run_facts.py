"""Facts of a run that hold for all its rounds, such as near-identical samples across splits."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; nothing is known of the runs that are there."""
    op.add_column("runs", sa.Column("facts", sa.JSON, nullable=False, server_default="{}"))
