"""What waits, what runs by the clock, what gave up; an administrator may change the last two (R79, R215)."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.jobs import failures, schedule, state
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify

blueprint = launch_blueprint("site_jobs", __name__, "site/jobs")


@blueprint.get("/")
@guarded(Capability.ADMINISTER)
def table(viewer: Viewer) -> ResponseReturnValue:
    """Queues, schedule, dead letters."""
    session = db.session()
    return render_template(
        "administration/jobs.html",
        queues=state.queue_states(session),
        heartbeat=state.last_heartbeat(session),
        scheduled=schedule.scheduled_tasks(session),
        dead_letters=failures.dead_letters(session),
    )


@blueprint.post("/schedule/<task>/run")
@guarded(Capability.ADMINISTER)
def run_now(viewer: Viewer, task: str) -> ResponseReturnValue:
    schedule.run_soon(schedule.get_scheduled(db.session(), task))
    return _done(viewer, "task.requested", task, _("It runs within a few seconds, when a worker is free."))


@blueprint.post("/schedule/<task>/time")
@guarded(Capability.ADMINISTER)
def reschedule(viewer: Viewer, task: str) -> ResponseReturnValue:
    row = schedule.get_scheduled(db.session(), task)
    schedule.reschedule(row, request.form.get("cron", ""))
    return _done(viewer, "task.rescheduled", task, _("The new time is set."), cron=row.cron)


@blueprint.post("/schedule/<task>/switch")
@guarded(Capability.ADMINISTER)
def switch(viewer: Viewer, task: str) -> ResponseReturnValue:
    enabled = request.form.get("enabled") == "yes"
    schedule.set_enabled(schedule.get_scheduled(db.session(), task), enabled)
    text = _("The task runs by the clock again.") if enabled else _("The task no longer runs by the clock.")
    return _done(viewer, "task.enabled" if enabled else "task.disabled", task, text)


@blueprint.post("/failed/<int:job_id>/retry")
@guarded(Capability.ADMINISTER)
def retry(viewer: Viewer, job_id: int) -> ResponseReturnValue:
    failures.retry(db.session(), job_id)
    return _done(viewer, "job.retried", job_id, _("The job waits again."))


@blueprint.post("/failed/<int:job_id>/discard")
@guarded(Capability.ADMINISTER)
def discard(viewer: Viewer, job_id: int) -> ResponseReturnValue:
    failures.discard(db.session(), job_id)
    return _done(viewer, "job.discarded", job_id, _("The job is forgotten."))


def _done(viewer: Viewer, action: str, subject: object, text: str, **details: object) -> ResponseReturnValue:
    audit.record(
        db.session(),
        action,
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type=action.partition(".")[0],
        object_id=subject,
        details=details,
    )
    notify(text)
    return redirect(url_for("site_jobs.table"), 303)
