"""An e-mail to who asked for drafts by night or as a batch, when the run has ended (R63), in their language."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.languages import language_of
from lti_tool.accounts.models import Placement
from lti_tool.grading.proposals.models import DraftItem, DraftRun, ItemState, RunWay
from lti_tool.mail.letters import write_letter
from lti_tool.site_settings.patterns import N_
from lti_tool.web.languages import catalogue_of

SUBJECT = N_("Drafts of marks: %(title)s")
BODY = N_(
    "The drafts of marks that you asked for have ended: %(done)s of %(total)s were made. "
    "Open the activity in your course to check them; nothing becomes a grade before you approve it."
)


def tell_by_mail(session: Session, run: DraftRun) -> None:
    """Write it in the transaction that ends the run; who asked for drafts at once sees them on the page."""
    if run.way == RunWay.AT_ONCE:
        return
    placement = session.get_one(Placement, run.placement_id)
    words = catalogue_of(language_of(session, run.asked_by_id))
    items = select(func.count()).select_from(DraftItem).where(DraftItem.run_id == run.id)
    done = session.scalar(items.where(DraftItem.state == ItemState.SUCCEEDED))
    write_letter(
        session,
        course_id=placement.course_id,
        person_id=run.asked_by_id,
        key=f"drafts:{run.id}",
        subject=words.gettext(SUBJECT) % {"title": placement.title},
        body=words.gettext(BODY) % {"done": done, "total": session.scalar(items)},
    )
