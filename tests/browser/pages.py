"""Every page of the tool and of the course site, who looks at it, and every address that is no page, with the reason.

A page that is added later must be visited here: test_pages.py compares both lists with the application's own.
"""

from dataclasses import dataclass

from lti_tool.accounts.models import PlacementKind


@dataclass(frozen=True, kw_only=True)
class Visit:
    """`path` is under the launch, or an address if `launch` is empty; names in braces are those of the World.

    `press` is a button whose answer is the page; `endpoint` is where the visit must have ended.
    """

    endpoint: str
    who: str
    path: str = ""
    kind: PlacementKind = PlacementKind.TUTOR
    launch: str = "/activity/{activity}/launch"
    fill: tuple[str, str] = ("", "")
    press: str = ""
    main_action: str = ""
    status: int = 200
    note: str = ""

    def __str__(self) -> str:
        return "-".join(part for part in (self.endpoint, self.who, self.note) if part)


ACTIVITY, EXAM, DASHBOARD = PlacementKind.ACTIVITY, PlacementKind.EXAM, PlacementKind.DASHBOARD
QUESTION = ("#question", "What is a confidence interval?")

TOOL_PAGES = (
    Visit(endpoint="tutor.chat", who="hugo", path="/tutor/", main_action="#question", note="empty"),
    Visit(endpoint="tutor.chat", who="amira", path="/tutor/", main_action="#question", note="answered"),
    Visit(endpoint="tutor.chat", who="teresa", path="/tutor/", main_action="#question"),
    Visit(endpoint="tutor.history", who="amira", path="/tutor/conversations"),
    Visit(endpoint="tutor.conversation", who="amira", path="{conversation}"),
    Visit(endpoint="questions.queue", who="teresa", path="/questions", main_action="textarea"),
    Visit(endpoint="tutor_hints.page", who="teresa", path="/tutor/assessed/"),
    Visit(endpoint="material.table", who="teresa", path="/material", main_action="#files"),
    Visit(endpoint="material_moodle.page", who="teresa", path="/material/moodle", main_action="#token"),
    Visit(
        endpoint="material.try_question",
        who="teresa",
        path="/material",
        fill=QUESTION,
        press='[action$="#try-heading"] .btn',
    ),
    Visit(endpoint="material.passage", who="amira", path="{passage}"),
    Visit(endpoint="grading.home", who="hugo", path="/grading", kind=ACTIVITY, note="not handed in"),
    Visit(endpoint="grading.home", who="amira", path="/grading", kind=ACTIVITY, note="handed in"),
    Visit(endpoint="grading.home", who="teresa", path="/grading", kind=ACTIVITY),
    Visit(endpoint="grading.submission", who="amira", path="{submission}", kind=ACTIVITY),
    Visit(endpoint="grading.submission", who="teresa", path="{submission}", kind=ACTIVITY),
    Visit(endpoint="grading_rubrics.editor", who="teresa", path="/grading/rubric", kind=ACTIVITY),
    Visit(endpoint="grading_rubrics.versions", who="teresa", path="/grading/rubric/versions", kind=ACTIVITY),
    Visit(endpoint="grading_rubrics.version", who="teresa", path="/grading/rubric/versions/1", kind=ACTIVITY),
    Visit(endpoint="grading_sources.page", who="teresa", path="/grading/rubric/sources", kind=ACTIVITY),
    Visit(endpoint="grading_exemplars.table", who="teresa", path="/grading/exemplars", kind=ACTIVITY),
    Visit(endpoint="grading_exemplars.work", who="teresa", path="{exemplar}", kind=ACTIVITY),
    Visit(endpoint="grading_proposals.page", who="teresa", path="/grading/drafts", kind=ACTIVITY),
    Visit(endpoint="grading_proposals.seen", who="teresa", path="{proposal}", kind=ACTIVITY),
    Visit(endpoint="grading_agreement.page", who="teresa", path="/grading/agreement", kind=ACTIVITY),
    Visit(endpoint="grading_questions.home", who="teresa", path="/grading/questions", kind=ACTIVITY),
    Visit(endpoint="grading_questions.mark", who="teresa", path="{question}", kind=ACTIVITY),
    Visit(endpoint="grading_task.page", who="teresa", path="/grading/task", kind=ACTIVITY),
    Visit(endpoint="grading_intake.pile", who="teresa", path="/grading/intake/pile", kind=ACTIVITY),
    Visit(endpoint="grading_intake.preview", who="teresa", path="{pile}", kind=ACTIVITY),
    Visit(endpoint="assignments.home", who="teresa", path="/assignments", kind=DASHBOARD),
    Visit(endpoint="assignments.offered", who="teresa", path="/assignments/choose", kind=DASHBOARD),
    Visit(endpoint="grading_setup.page", who="teresa", path="/grading/setup", kind=ACTIVITY),
    Visit(
        endpoint="grading_staff.comments", who="teresa", path="/grading/comments", kind=ACTIVITY, main_action="#text"
    ),
    Visit(endpoint="grading_staff.as_read", who="teresa", path="{submission}/as-read", kind=ACTIVITY),
    Visit(endpoint="grading_staff.time", who="teresa", path="/grading/time", kind=ACTIVITY),
    Visit(endpoint="grades.table", who="teresa", path="/grades/", kind=ACTIVITY),
    Visit(endpoint="scans.home", who="hugo", path="/scans/", kind=EXAM, note="no paper"),
    Visit(endpoint="scans.home", who="esther", path="/scans/", kind=EXAM, note="released"),
    Visit(endpoint="scans.home", who="teresa", path="/scans/", kind=EXAM),
    Visit(endpoint="grading.home", who="teresa", path="/grading", kind=EXAM, note="papers"),
    Visit(endpoint="scans_intake.keys", who="teresa", path="/scans/intake/keys", kind=EXAM),
    Visit(endpoint="scans_resolve.screen", who="teresa", path="/scans/resolve/", kind=EXAM),
    Visit(endpoint="scans.review", who="teresa", launch="/activity/{activity}/launch?review={nobody}", kind=EXAM),
    Visit(endpoint="scans_staff.paper", who="teresa", path="{paper}", kind=EXAM),
    Visit(endpoint="scans_sheets.home", who="teresa", path="/scans/sheets/", kind=EXAM),
    Visit(endpoint="scans_sheets.run", who="teresa", path="{run}", kind=EXAM),
    Visit(endpoint="scans_running.home", who="teresa", path="/scans/running/", kind=EXAM),
    Visit(endpoint="scans_delivery.home", who="teresa", path="/scans/delivery/", kind=EXAM),
    Visit(endpoint="scans_delivery.one", who="teresa", path="{delivery}", kind=EXAM, main_action="#note"),
    Visit(endpoint="scans_delivery.target", who="teresa", path="/scans/delivery/target", kind=EXAM),
    Visit(endpoint="scans_delivery.key", who="felix", path="/scans/delivery/key", kind=EXAM, main_action="#key"),
    Visit(endpoint="scans.home", who="felix", path="/scans/", kind=EXAM, note="confirmed"),
    Visit(endpoint="scans_roster.home", who="teresa", path="/scans/numbers/", kind=EXAM),
    Visit(endpoint="dashboard.home", who="teresa", path="/dashboard/", kind=DASHBOARD),
    Visit(endpoint="dashboard.home", who="amira", path="/dashboard/", kind=DASHBOARD),
    Visit(endpoint="tutor_logs.table", who="teresa", path="/tutor/logs/"),
    Visit(endpoint="course.people", who="teresa", path="/course/people"),
    Visit(endpoint="course.rights", who="teresa", path="/course/rights"),
    Visit(endpoint="course_settings.page", who="teresa", path="/settings/"),
    Visit(endpoint="site.home", who="admin", path="/site/"),
    Visit(endpoint="site_switches.table", who="admin", path="/site/switches/"),
    Visit(endpoint="site_models.page", who="admin", path="/site/models/"),
    Visit(endpoint="site_usage.table", who="admin", path="/site/usage/"),
    Visit(endpoint="site_registrations.table", who="admin", path="/site/platforms/"),
    Visit(endpoint="site_moodle.page", who="admin", path="/site/moodle/", main_action="#token"),
    Visit(endpoint="site_button.page", who="admin", path="/site/button/"),
    Visit(endpoint="site_privacy.page", who="admin", path="/site/people/", main_action="#q"),
    Visit(endpoint="site_jobs.table", who="admin", path="/site/jobs/"),
    Visit(endpoint="site_audit.table", who="admin", path="/site/audit/"),
    Visit(endpoint="site_doctor.page", who="admin", path="/site/doctor/"),
    Visit(endpoint="launch.choose", who="teresa", launch="/course/1/add/1/launch"),
    Visit(endpoint="launch.setup", who="teresa", launch="/activity/{unplaced_id}/launch"),
    Visit(endpoint="launch.setup", who="hugo", launch="/activity/{unplaced_id}/launch", note="waiting"),
    Visit(endpoint="registration.register", who="admin", launch="", path="{invitation}"),
    Visit(endpoint="lti.login", who="hugo", launch="", path="{tool}/lti/login", status=400, note="error"),
)

NOT_PAGES = {
    "static": "files",
    "theme.sheet": "a style sheet",
    "theme.avatar": "a picture",
    "button.script": "a script",
    "button.tutor": "JSON",
    "health.live": "for machines",
    "health.ready": "for machines",
    "health.metrics": "for machines",
    "lti.jwks": "JSON",
    "registration.config": "JSON",
    "dashboard.days_csv": "a download",
    "dashboard.people_csv": "a download",
    "tutor_logs.export": "a download",
    "grades.export": "a download",
    "site_audit.export": "a download",
    "site_usage.export": "a download",
    "scans.receipt": "a download",
    "scans_sheets.pdf": "a download",
    "scans_running.marks": "a download",
    "scans_running.papers": "a download",
    "scans_running.custody": "a download",
    "scans_sheets.attendance": "a download",
    "scans_roster.table": "a download",
    "tutor_attachments.show": "a file",
    "tutor_export.text": "a download",
    "tutor_export.active_text": "a download",
    "tutor_export.active_pdf": "a download",
    "tutor_export.pdf": "a download",
    "grading.file": "a download",
    "grading.picture": "a picture",
    "grading_intake.receipt": "a download",
    "grading_pagemarks.copy": "a download",
    "grading_rubrics.as_table": "a download",
    "grading_rubrics.as_file": "a download",
    "material.picture": "a picture",
    "scans.header": "a picture",
    "scans.page": "a picture",
    "scans_resolve.picture": "a picture",
    "scans_intake.files": "a part of the page scans.home",
    "material.sources": "a part of the page material.table",
    "grading_proposals.progress": "a part of the page grading_proposals.page",
    "scans_staff.lists": "a part of the page scans.home",
    "scans_staff.papers": "a part of the page scans.home",
    "tutor.turn_frames": "JSON",
    "tutor_open_page.known_page": "JSON",
    "tutor_socket.socket": "a socket",
    "grading.review": "a redirect to grading.submission",
}

SITE_PAGES = (
    Visit(endpoint="pages.home", who="amira", launch="", path="{site}/"),
    Visit(endpoint="pages.course", who="amira", launch="", path="{site}/course/1"),
    Visit(endpoint="pages.course", who="teresa", launch="", path="{site}/course/1"),
    Visit(endpoint="pages.participants", who="amira", launch="", path="{site}/course/1/participants"),
    Visit(endpoint="pages.activity", who="amira", launch="", path="{site}/activity/{activity}"),
    Visit(endpoint="gradebook.show", who="teresa", launch="", path="{site}/course/1/grades"),
    Visit(endpoint="gradebook.show", who="amira", launch="", path="{site}/course/1/grades"),
    Visit(endpoint="gradebook.review", who="teresa", launch="", path="{site}/course/1/grades/{item}/{nobody}/review"),
    Visit(endpoint="tools.index", who="admin", launch="", path="{site}/tools"),
    Visit(endpoint="tools.pick", who="teresa", launch="", path="{site}/course/1/add/1"),
    Visit(endpoint="tools.index", who="amira", launch="", path="{site}/tools", status=403, note="refused"),
)
NOT_SITE_PAGES = {
    "static": "files",
    "pages.launch": "a form that a script sends on",
    "tools.launch_picker": "a form that a script sends on",
    "pages.launch_by_number": "a redirect to pages.launch",
    "lti.auth": "a form that a script sends on",
    "lti.certs": "JSON",
    "lti.openid_configuration": "JSON",
    "services.list_items": "JSON",
    "services.show_item": "JSON",
    "services.list_results": "JSON",
    "services.memberships": "JSON",
}
