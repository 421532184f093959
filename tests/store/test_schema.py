"""Times keep their zone."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from alcore.store.schema import UtcDateTime

DIALECT = sqlite.dialect()


def test_a_time_is_the_same_moment_in_utc() -> None:
    noon = datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    stored = UtcDateTime().process_bind_param(noon, DIALECT)
    assert stored == noon
    assert stored is not None
    without_zone = stored.replace(tzinfo=None)
    assert without_zone == datetime(2024, 5, 1, 10)  # noqa: DTZ001
    assert UtcDateTime().process_result_value(without_zone, DIALECT) == noon


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime.now(UTC).replace(tzinfo=None), DIALECT)
