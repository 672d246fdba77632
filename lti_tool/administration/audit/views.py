"""The audit for administrators: browse, check the whole chain, export it for checking elsewhere (R193, R196-R200)."""

from flask import Response, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.accounts import audit
from lti_tool.accounts.audit.checkpoints import check_signatures
from lti_tool.accounts.audit.export import export_lines
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.administration.audit.browsing import (
    Filter,
    find_entries,
    known_actions,
    platform_of,
    readable_by,
)
from lti_tool.web.database import db
from lti_tool.web.days import parse_day
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("site_audit", __name__, "site/audit")


@blueprint.get("/")
@guarded(Capability.ADMINISTER)
def table(viewer: Viewer) -> ResponseReturnValue:
    """Entries, newest first."""
    session, wanted = db.session(), _filter()
    platform_id = platform_of(session, viewer.registration_id)
    return render_template(
        "administration/audit.html",
        wanted=wanted,
        found=find_entries(session, platform_id, wanted),
        actions=known_actions(session, platform_id),
    )


@blueprint.post("/verify")
@guarded(Capability.ADMINISTER)
def verify(viewer: Viewer) -> ResponseReturnValue:
    """Walk the chain; the findings are numbers of entries, whoever's they are."""
    session = db.session()
    findings = [*audit.verify(session), *check_signatures(session, current_runtime().secrets.app_key)]
    if not findings:
        notify(_("The audit is intact."))
        return redirect(url_for("site_audit.table"), 303)
    count = ngettext("%(num)d finding", "%(num)d findings", len(findings))
    return render_template("administration/audit_findings.html", findings=findings, count=count)


@blueprint.get("/export")
@guarded(Capability.ADMINISTER)
def export(viewer: Viewer) -> ResponseReturnValue:
    """Lines of JSON for `lectern audit verify --file`; another platform's entries as digests alone."""
    session = db.session()
    may_read = readable_by(session, platform_of(session, viewer.registration_id))
    audit.record(session, "audit.exported", actor_id=viewer.person_id, actor_role=viewer.role)
    lines = stream_with_context(export_lines(session, may_read))
    headers = {"Content-Disposition": "attachment; filename=lectern-audit.jsonl"}
    return Response(lines, content_type="application/x-ndjson", headers=headers)


def _filter() -> Filter:
    given = request.args
    return Filter(
        action=given.get("action", ""),
        first_day=parse_day(given.get("first", "")),
        last_day=parse_day(given.get("last", "")),
        page=max(1, given.get("page", 1, int)),
    )
