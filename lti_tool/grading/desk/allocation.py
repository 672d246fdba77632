"""Who marks whom: an even split, or one by one; a student may have two markers where two mark independently."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability, capabilities_of
from lti_tool.accounts.models import Membership, MembershipStatus, Person, Placement, Role
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.options import marking_options
from lti_tool.grading.desk.models import Allocation


def graders_of(session: Session, viewer: Viewer) -> list[Person]:
    """Everybody in the course who may grade, by name."""
    members = session.scalars(
        select(Membership).where(Membership.course_id == viewer.course_id, Membership.status == MembershipStatus.ACTIVE)
    ).all()
    may = {role for role in Role if Capability.GRADE in capabilities_of(session, viewer.course_id, role)}
    graders = [member.person for member in members if _role(member) in may]
    return sorted(graders, key=lambda person: (person.display_name.lower(), person.id))


def allocations_of(session: Session, placement: Placement) -> dict[int, list[Person]]:
    """The markers of each student, by the student's number."""
    markers: defaultdict[int, list[Person]] = defaultdict(list)
    rows = session.scalars(select(Allocation).where(Allocation.placement_id == placement.id).order_by(Allocation.id))
    for row in rows:
        markers[row.person_id].append(row.marker)
    return dict(markers)


def students_of_marker(session: Session, viewer: Viewer, placement: Placement) -> set[int]:
    """Whose work the viewer is to mark."""
    return set(
        session.scalars(
            select(Allocation.person_id).where(
                Allocation.placement_id == placement.id, Allocation.marker_id == viewer.person_id
            )
        )
    )


def split_evenly(
    session: Session, viewer: Viewer, placement: Placement, students: Sequence[int], markers: Collection[int]
) -> int:
    """Give every student as many markers as the activity wants; who has some keeps them. To how many one was given."""
    viewer.require(Capability.MANAGE)
    known = {person.id for person in graders_of(session, viewer)} & set(markers)
    if not known:
        raise InvalidInput("graders_missing", "Choose at least one person who marks.")
    wanted = 2 if marking_options(placement).has_two_markers else 1
    has = {student: {marker.id for marker in found} for student, found in allocations_of(session, placement).items()}
    load = _load(session, placement)
    given = set[int]()
    for student in students:
        for _slot in range(wanted - len(has.get(student, set()))):
            free = known - has.get(student, set()) - {student}
            if free:
                chosen = min(free, key=lambda marker: (load.get(marker, 0), marker))
                session.add(_row(viewer, placement, student, chosen))
                has.setdefault(student, set()).add(chosen)
                load[chosen] = load.get(chosen, 0) + 1
                given.add(student)
    session.flush()
    _tell(session, viewer, placement, "allocation.split", len(given))
    return len(given)


def allocate(session: Session, viewer: Viewer, placement: Placement, student: int, markers: Collection[int]) -> None:
    """These mark this student, and nobody else does. Raises InvalidInput."""
    viewer.require(Capability.MANAGE)
    known = {person.id for person in graders_of(session, viewer)} - {student}
    if not set(markers) <= known:
        raise InvalidInput("grader_unknown", "Only people who may grade here can be given work to mark.")
    session.execute(delete(Allocation).where(Allocation.placement_id == placement.id, Allocation.person_id == student))
    session.add_all([_row(viewer, placement, student, marker) for marker in sorted(set(markers))])
    session.flush()
    _tell(session, viewer, placement, "allocation.changed", len(markers))


def clear_allocations(session: Session, viewer: Viewer, placement: Placement) -> None:
    """Begin again."""
    viewer.require(Capability.MANAGE)
    session.execute(delete(Allocation).where(Allocation.placement_id == placement.id))
    _tell(session, viewer, placement, "allocation.cleared", 0)


def _role(member: Membership) -> Role:
    return Role(member.launch_role or member.roster_role or Role.STUDENT)


def _load(session: Session, placement: Placement) -> dict[int, int]:
    counts = session.execute(
        select(Allocation.marker_id, func.count())
        .where(Allocation.placement_id == placement.id)
        .group_by(Allocation.marker_id)
    )
    return {marker: count for marker, count in counts}


def _row(viewer: Viewer, placement: Placement, student: int, marker: int) -> Allocation:
    return Allocation(placement_id=placement.id, person_id=student, marker_id=marker, created_by_id=viewer.person_id)


def _tell(session: Session, viewer: Viewer, placement: Placement, action: str, count: int) -> None:
    audit.by(session, viewer, action, object_type="placement", object_id=placement.id, details={"count": count})
