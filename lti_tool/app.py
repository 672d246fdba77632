"""The application: the only place that knows every package."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from lti_tool.administration.audit import views as audit
from lti_tool.administration.course_settings import views as course_settings
from lti_tool.administration.doctor import views as doctor
from lti_tool.administration.jobs import views as jobs
from lti_tool.administration.models import views as site_models
from lti_tool.administration.moodle import views as site_moodle
from lti_tool.administration.registrations import views as registrations
from lti_tool.administration.settings import views as settings
from lti_tool.administration.switches import views as switches
from lti_tool.administration.usage import views as usage
from lti_tool.analytics import views as analytics
from lti_tool.button import views as button
from lti_tool.config import PROJECT_ROOT
from lti_tool.course import views as course
from lti_tool.grades import views as grades
from lti_tool.grading import views as grading
from lti_tool.grading.agreement import views as grading_agreement
from lti_tool.grading.assignments import views as assignments
from lti_tool.grading.desk import views as grading_desk
from lti_tool.grading.desk.release import views as grading_release
from lti_tool.grading.desk.setup import views as grading_setup
from lti_tool.grading.desk.staff import views as grading_staff
from lti_tool.grading.intake import views as grading_intake
from lti_tool.grading.pagemarks import views as grading_pagemarks
from lti_tool.grading.proposals import views as grading_proposals
from lti_tool.grading.questions import views as grading_questions
from lti_tool.grading.rubrics import views as grading_rubrics
from lti_tool.grading.rubrics.exemplars import views as grading_exemplars
from lti_tool.grading.rubrics.sources import views as grading_sources
from lti_tool.grading.task import views as grading_task
from lti_tool.launch import views as launch
from lti_tool.launch.registration import views as registration
from lti_tool.material import views as material
from lti_tool.material.moodle import views as material_moodle
from lti_tool.privacy import views as privacy
from lti_tool.runtime import Runtime
from lti_tool.scans import views as scans
from lti_tool.scans.delivery import views as scans_delivery
from lti_tool.scans.handover import views as scans_handover
from lti_tool.scans.intake import views as scans_intake
from lti_tool.scans.resolve import views as scans_resolve
from lti_tool.scans.roster import views as scans_roster
from lti_tool.scans.running import views as scans_running
from lti_tool.scans.sheets import views as scans_sheets
from lti_tool.scans.staff import views as scans_staff
from lti_tool.tutor import socket as tutor_socket
from lti_tool.tutor import views as tutor
from lti_tool.tutor.attachments import views as tutor_attachments
from lti_tool.tutor.escalation import views as questions
from lti_tool.tutor.export import views as tutor_export
from lti_tool.tutor.feedback import views as tutor_feedback
from lti_tool.tutor.hints import views as tutor_hints
from lti_tool.tutor.logs import views as tutor_logs
from lti_tool.tutor.open_page import views as tutor_open_page
from lti_tool.tutor.speech import views as tutor_speech
from lti_tool.tutor.versions import views as tutor_versions
from lti_tool.web.database import commit_at_the_edge, db
from lti_tool.web.error_pages import install_error_pages
from lti_tool.web.guards import give_launch_id, take_launch_id
from lti_tool.web.headers import security_headers
from lti_tool.web.health import views as health
from lti_tool.web.pages import install_pages
from lti_tool.web.request_log import install_request_log
from lti_tool.web.runtime import install_runtime
from lti_tool.web.sockets import install_sockets
from lti_tool.web.theme import views as theme

PUBLIC_PAGES = (health, theme, launch, registration, button, scans_intake)
LAUNCH_PAGES = (
    *(material_moodle, tutor_logs, tutor_hints),
    *(tutor_attachments, tutor_export, tutor_feedback, tutor_speech, tutor_versions, tutor_open_page),
    *(grading, assignments, grading_desk, grading_release, grading_setup, grading_staff),
    *(grading_proposals, grading_rubrics, grading_sources, grading_exemplars, grading_task, grading_intake),
    *(grading_agreement, grading_pagemarks, grading_questions),
    *(launch, course, material, tutor, tutor_socket, questions, grades, scans, scans_staff, analytics),
    *(scans_handover,),
    *(scans_sheets, scans_roster, scans_resolve, scans_intake, scans_delivery, scans_running),
    *(privacy, settings, course_settings, switches, site_models, usage, registrations),
    *(site_moodle, button, jobs, audit, doctor),
)


def create_app(runtime: Runtime) -> Flask:
    """The web application on this runtime; making it opens no connection."""
    app = Flask(
        "lti_tool",
        root_path=str(PROJECT_ROOT),
        static_folder="static",
        template_folder="templates",
    )
    app.config.update(
        SQLALCHEMY_DATABASE_URI="postgresql+psycopg2://",
        MAX_CONTENT_LENGTH=64 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
    )
    install_runtime(app, runtime)
    install_request_log(app)
    db.init_app(app)
    install_pages(app)
    install_error_pages(app)
    install_sockets(app)
    commit_at_the_edge(app)
    security_headers(app)
    app.url_value_preprocessor(take_launch_id)
    app.url_defaults(give_launch_id)
    for pages in PUBLIC_PAGES:
        app.register_blueprint(pages.public_blueprint)
    for pages in LAUNCH_PAGES:
        app.register_blueprint(pages.blueprint)
    tutor.install(app)
    hops = runtime.settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
