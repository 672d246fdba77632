"""Clearing away deletes what has expired and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from lti_tool.accounts.models import BoundLaunch
from lti_tool.db import now
from lti_tool.launch.tasks import clear
from lti_tool.lti.models import LoginAttempt, UsedNonce
from lti_tool.runtime import Runtime
from tests.fixtures.launches import Visitor


@pytest.mark.parametrize("row", [LoginAttempt, UsedNonce, BoundLaunch])
@pytest.mark.parametrize(("days", "left"), [(1, 1), (-2, 0)])
def test_only_what_has_expired_is_cleared(visitor: Visitor, runtime: Runtime, row: Any, days: int, left: int) -> None:
    visitor.launch()
    visitor.login()
    session = visitor.house.session
    session.execute(update(row).values(expires_at=now() + timedelta(days=days)))
    clear(runtime)
    assert session.scalar(select(func.count()).select_from(row)) == left
