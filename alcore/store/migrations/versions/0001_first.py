"""The first schema: experiments, datasets, runs, rounds, arrays, label events, thumbnails."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.DateTime(timezone=True)

CURRENT_LABELS = """
CREATE VIEW current_labels AS
SELECT * FROM label_events AS event
WHERE label IS NOT NULL AND id = (
    SELECT max(id) FROM label_events AS other
    WHERE other.run_id = event.run_id AND other.position = event.position
)
"""

# Deleting is possible only by deleting the run.
APPEND_ONLY = {
    "sqlite": (
        """
        CREATE TRIGGER label_events_update BEFORE UPDATE ON label_events
        BEGIN SELECT RAISE(ABORT, 'label events are append-only'); END
        """,
        """
        CREATE TRIGGER label_events_delete BEFORE DELETE ON label_events
        WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id)
        BEGIN SELECT RAISE(ABORT, 'label events are append-only'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION refuse_label_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id) THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'label events are append-only';
        END $$
        """,
        """
        CREATE TRIGGER label_events_append_only BEFORE UPDATE OR DELETE ON label_events
        FOR EACH ROW EXECUTE FUNCTION refuse_label_change()
        """,
    ),
}


def upgrade() -> None:
    """Create everything."""
    _create_experiments_and_datasets()
    _create_runs()
    _create_rounds()
    _create_labels()
    op.execute(CURRENT_LABELS)
    for statement in APPEND_ONLY[op.get_context().dialect.name]:
        op.execute(statement)


def _create_experiments_and_datasets() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "datasets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("fingerprint", sa.String(200), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("class_names", sa.JSON, nullable=False),
        sa.Column("has_labels", sa.Boolean, nullable=False),
        sa.Column("used_at", TIME, nullable=False),
        sa.UniqueConstraint("name", "fingerprint"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "thumbnails",
        sa.Column(
            "dataset_id",
            sa.Integer,
            sa.ForeignKey("datasets.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("png", sa.LargeBinary, nullable=False),
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
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
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("started_at", TIME),
        sa.Column("finished_at", TIME),
        sa.Index(None, "state", "id"),
        sqlite_autoincrement=True,
    )


def _create_rounds() -> None:
    op.create_table(
        "rounds",
        sa.Column(
            "run_id", sa.Integer, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("n_labelled", sa.Integer, nullable=False),
        sa.Column("test_accuracy", sa.Float, nullable=False),
        sa.Column("test_macro_f1", sa.Float, nullable=False),
        sa.Column("validation_accuracy", sa.Float),
        sa.Column("batch_accuracy", sa.Float),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_table(
        "arrays",
        sa.Column("run_id", sa.Integer, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "round"], ["rounds.run_id", "rounds.number"], ondelete="CASCADE"
        ),
    )


def _create_labels() -> None:
    op.create_table(
        "label_events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("event_id", sa.String(32), nullable=False, unique=True),
        sa.Column(
            "run_id", sa.Integer, sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("sample_id", sa.Text, nullable=False),
        sa.Column("label", sa.Integer),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Index(None, "run_id", "position", "id"),
        sqlite_autoincrement=True,
    )
