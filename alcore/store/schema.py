"""The tables as they are today; how older stores get there is in migrations/."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC that comes back with its zone, which SQLite alone would drop."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone: nobody knows what it means."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time in the store needs a time zone: {value!r}")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Put the zone back."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def now() -> datetime:
    """The present time in UTC."""
    return datetime.now(UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# sqlite_autoincrement: an id, and with it a folder of files, is never used again after a delete.
experiments = sa.Table(
    "experiments",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("config", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("settings", sa.JSON, nullable=False, server_default="{}"),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("tags", sa.JSON, nullable=False, server_default="[]"),
    sqlite_autoincrement=True,
)

datasets = sa.Table(
    "datasets",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("fingerprint", sa.String(200), nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("class_names", sa.JSON, nullable=False),
    sa.Column("has_labels", sa.Boolean, nullable=False),
    sa.Column("used_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("name", "fingerprint"),
    sqlite_autoincrement=True,
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "experiment_id",
        sa.Integer,
        sa.ForeignKey("experiments.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("dataset_id", sa.Integer, sa.ForeignKey("datasets.id"), index=True),
    sa.Column("strategy", sa.String(200), nullable=False),
    sa.Column("strategy_options", sa.JSON, nullable=False),
    sa.Column("model", sa.String(200), nullable=False),
    sa.Column("model_options", sa.JSON, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("versions", sa.JSON, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("round", sa.Integer),
    sa.Column("step", sa.String(50), nullable=False),
    sa.Column("fraction", sa.Float, nullable=False),
    sa.Column("eta_seconds", sa.Float),
    sa.Column("stop_requested", sa.Boolean, nullable=False),
    sa.Column("process", sa.String(200)),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("facts", sa.JSON, nullable=False, server_default="{}"),
    sa.Column("token", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lease_until", sa.Double),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("stop_now", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("traceback", sa.Text),
    sa.Column("best_accuracy", sa.Float),
    sa.Column("n_labelled", sa.Integer),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("tags", sa.JSON, nullable=False, server_default="[]"),
    sa.Index(None, "state", "id"),
    sqlite_autoincrement=True,
)

rounds = sa.Table(
    "rounds",
    metadata,
    sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("n_labelled", sa.Integer, nullable=False),
    sa.Column("test_accuracy", sa.Float, nullable=False),
    sa.Column("test_macro_f1", sa.Float, nullable=False),
    sa.Column("validation_accuracy", sa.Float),
    sa.Column("batch_accuracy", sa.Float),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

arrays = sa.Table(
    "arrays",
    metadata,
    sa.Column("run_id", sa.Integer, primary_key=True),
    sa.Column("round", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.ForeignKeyConstraint(
        ["run_id", "round"], ["rounds.run_id", "rounds.number"], ondelete="CASCADE"
    ),
)

label_events = sa.Table(
    "label_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.String(32), nullable=False, unique=True),
    sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("sample_id", sa.Text, nullable=False),
    sa.Column("label", sa.Integer),
    sa.Column("source", sa.String(200), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index(None, "run_id", "position", "id"),
    sqlite_autoincrement=True,
)

current_labels = sa.table("current_labels", *(sa.column(c.name) for c in label_events.columns))
"""A view: the latest event per run and position, without those that withdraw a label."""

thumbnails = sa.Table(
    "thumbnails",
    metadata,
    sa.Column(
        "dataset_id", sa.Integer, sa.ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("png", sa.LargeBinary, nullable=False),
)
