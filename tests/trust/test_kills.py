"""The trial of benchmarks/kills.py with a few kills: what people were promised is there afterwards, once and whole."""

import tempfile
from pathlib import Path

from sqlalchemy import Engine

from benchmarks.kills import Plan, as_table, run_trial
from benchmarks.kills_installation import Target

FEW = Plan(
    kills=2,
    targets=(Target.WEB_WORKER, Target.JOBS),
    students=2,
    finished=1,
    papers=4,
    pause=(0.4, 1.0),
    is_hurried=True,
)


def test_kills_of_web_and_worker_lose_nothing_and_double_nothing(committed_engine: Engine) -> None:
    with tempfile.TemporaryDirectory(prefix="lectern-kills-") as folder:
        findings = run_trial(committed_engine.url.render_as_string(hide_password=False), Path(folder), FEW)
    assert findings.is_good, as_table(findings)
    assert all(row.acknowledged for row in findings.rows), as_table(findings)
