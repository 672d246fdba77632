"""The conversation logs: a page of twenty, and the span as a file."""

from functools import partial

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.tutor.answering.review import hosts_of
from lti_tool.tutor.logs.browsing import Entry, Span, all_turns, find_turns, span_of
from lti_tool.tutor.models import Turn
from lti_tool.tutor.reading import links_of, rendered
from lti_tool.tutor.wording import OUTCOMES
from lti_tool.web.database import db
from lti_tool.web.days import parse_day
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.tables import as_csv

blueprint = launch_blueprint("tutor_logs", __name__, "tutor/logs")
COLUMNS = ("asked_at", "user", "question", "outcome", "answer", "rating", "comment", "model")


@blueprint.get("/")
@guarded(Capability.VIEW_LOGS)
def table(viewer: Viewer) -> ResponseReturnValue:
    span = _span()
    found = find_turns(db.session(), viewer, span, request.args.get("page", 1, type=int))
    answer_html = partial(_answer, hosts_of(viewer.frame_origins))
    return render_template("tutor/logs.html", span=span, found=found, outcomes=OUTCOMES, answer_html=answer_html)


@blueprint.get("/logs.csv")
@guarded(Capability.VIEW_LOGS)
def export(viewer: Viewer) -> ResponseReturnValue:
    """The days of the form for a spreadsheet."""
    content = as_csv(COLUMNS, [_row(entry) for entry in all_turns(db.session(), viewer, _span())])
    headers = {"Content-Disposition": 'attachment; filename="logs.csv"'}
    return Response(content, content_type="text/csv; charset=utf-8", headers=headers)


def _span() -> Span:
    return span_of(parse_day(request.args.get("first", "")), parse_day(request.args.get("last", "")), now().date())


def _row(entry: Entry) -> tuple[object, ...]:
    turn = entry.turn
    return (
        turn.created_at.isoformat(timespec="seconds"),
        f"User {entry.user}",
        turn.question,
        turn.outcome or turn.state,
        turn.answer_markdown,
        turn.rating,
        turn.rating_comment,
        turn.model or "",
    )


def _answer(hosts: frozenset[str], turn: Turn) -> Markup:
    """As the student saw it, but for the links to sources."""
    return rendered(turn.answer_markdown, 0, (), links_of(turn, hosts))
