"""A teacher's choice about one item of the course: use it although it is hidden, or leave it out although it is not.

The choice is kept with the source, so the next reading of the course respects it (R48).
"""

from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.importing import leave_out
from lti_tool.content.models import Source, SourceState
from lti_tool.content.tasks import ask_for_index


def choose(session: Session, viewer: Viewer, source: Source, *, is_wanted: bool) -> bool:
    """Keep the choice and follow it; whether the content must still be fetched."""
    source.is_wanted = is_wanted
    if not is_wanted:
        leave_out(session, source)
    elif source.state == SourceState.LEFT_OUT and source.file is not None:
        source.state = SourceState.TODO
        session.flush()
        ask_for_index(session, source)
    audit.by(
        session,
        viewer,
        "material.taken_in" if is_wanted else "material.left_out",
        object_type="source",
        object_id=source.id,
    )
    return is_wanted and source.file is None
