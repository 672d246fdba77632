"""The models page: what is set up, how the latest calls ended, and a button that asks each model."""

from collections.abc import Sequence

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.audit import record
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.llm.door import Door
from lti_tool.llm.trial import Trial, TrialKind, configured, try_models
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import read
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("site_models", __name__, "site/models")


@blueprint.get("/")
@guarded(Capability.ADMINISTER)
def page(viewer: Viewer) -> ResponseReturnValue:
    """What is set up; nothing is asked."""
    return _page()


@blueprint.post("/")
@guarded(Capability.ADMINISTER)
def ask(viewer: Viewer) -> ResponseReturnValue:
    """Ask each model; the answer is this page with what came back."""
    trials = try_models(_door())
    record(
        db.session(),
        "models.tried",
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type="setting",
        details={trial.kind: trial.error.code if trial.error else "none" for trial in trials},
    )
    return _page(trials)


def _page(trials: Sequence[Trial] = ()) -> ResponseReturnValue:
    return render_template(
        "administration/models.html",
        provider=configured(_door()),
        is_enabled=read(db.session(), ENABLED),
        trials=trials,
        kinds={
            TrialKind.STREAMED: _("An answer that grows (tutor)"),
            TrialKind.STRUCTURED: _("An answer in a given form (drafts of marks)"),
            TrialKind.VECTORS: _("Vectors (search by meaning)"),
        },
    )


def _door() -> Door:
    runtime = current_runtime()
    return Door(engine=runtime.engine, secrets=runtime.secrets)
