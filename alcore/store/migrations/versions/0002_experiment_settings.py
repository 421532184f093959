"""Settings of an experiment: what people entered for it, such as the cost of a label."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; experiments that are there have no settings."""
    settings = sa.Column("settings", sa.JSON, nullable=False, server_default="{}")
    op.add_column("experiments", settings)
