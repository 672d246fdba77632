"""People and courses of a platform, what is placed in the courses, and the launches bound to a browser.

Keys as Moodle gives them: people are common within an issuer, courses belong to a deployment, a resource link is the
proof of a placement (`custom` is only a hint). Everything a view shows is filtered by `course_id`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, CreatedAt, Key, OpaqueKey
from lti_tool.lti.models import Deployment


class PlacementKind(StrEnum):
    TUTOR = "tutor"
    ACTIVITY = "activity"
    EXAM = "exam"
    DASHBOARD = "dashboard"


class Role(StrEnum):
    """What a person is in a course, strongest first."""

    ADMINISTRATOR = "administrator"
    TEACHER = "teacher"
    NON_EDITING_TEACHER = "non_editing_teacher"
    STUDENT = "student"


class MembershipStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"


class Person(Base):
    """Somebody known by (issuer, sub); name and e-mail only if the platform shares them.

    Who was erased keeps a number and nothing else: whoever launches with the old `sub` is somebody new.
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("platform_id", "sub"),)

    id: Mapped[Key]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    sub: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    given_name: Mapped[str] = mapped_column(default="")
    family_name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    idnumber: Mapped[str] = mapped_column(default="")
    erased_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    @property
    def display_name(self) -> str:
        """The shared name, or a neutral word with our own number where the platform shares none."""
        return self.name or f"{self.given_name} {self.family_name}".strip() or f"Person {self.id}"


class Course(Base):
    """A context of a deployment."""

    __tablename__ = "course"
    __table_args__ = (UniqueConstraint("deployment_id", "context_id"),)

    id: Mapped[Key]
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    context_id: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    label: Mapped[str] = mapped_column(default="")
    memberships_url: Mapped[str | None]
    line_items_url: Mapped[str | None]
    last_launch_at: Mapped[datetime | None]
    roster_synced_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    deployment: Mapped[Deployment] = relationship(lazy="joined")


class Membership(Base):
    """A person in a course. The launch role beats the roster role; who leaves the roster keeps the work."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("course_id", "person_id"),
        CheckConstraint("status IN ('active', 'inactive')", name="status"),
        CheckConstraint(
            "launch_role IN ('administrator', 'teacher', 'non_editing_teacher', 'student')",
            name="launch_role",
        ),
        CheckConstraint(
            "roster_role IN ('administrator', 'teacher', 'non_editing_teacher', 'student')",
            name="roster_role",
        ),
    )

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    launch_role: Mapped[str | None]
    roster_role: Mapped[str | None]
    status: Mapped[str] = mapped_column(default=MembershipStatus.ACTIVE)
    last_launch_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    person: Mapped[Person] = relationship(lazy="joined")


class Placement(Base):
    """What a teacher placed in a course: its kind and settings. Its id is the one thing `custom` carries.

    `description` is the task as students read it, in Markdown.
    """

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint("kind IN ('tutor', 'activity', 'exam', 'dashboard')", name="kind"),
        CheckConstraint("points > 0", name="points"),
        Index(
            "uq_placement_copy",
            "course_id",
            "copied_from_id",
            unique=True,
            postgresql_where=text("copied_from_id IS NOT NULL"),
        ),
    )

    id: Mapped[OpaqueKey]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    kind: Mapped[str]
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    points: Mapped[int | None]
    due_at: Mapped[datetime | None]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    copied_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("placement.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]


class ResourceLink(Base):
    """A link in a course page; without a placement until a teacher says what it is.

    `course_module` is Moodle's number of the activity, as the last member of staff who opened it told us.
    """

    __tablename__ = "resource_link"
    __table_args__ = (UniqueConstraint("course_id", "resource_link_id"),)

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    resource_link_id: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    placement_id: Mapped[UUID | None] = mapped_column(ForeignKey("placement.id"), index=True)
    line_item_url: Mapped[str | None]
    course_module: Mapped[int | None]
    created_at: Mapped[CreatedAt]

    placement: Mapped[Placement | None] = relationship(lazy="joined")


class BoundLaunch(Base):
    """A validated launch that belongs to one browser; worthless without that browser's cookie.

    `placement_id` is set where its person went on to work of the course that no link leads to.
    """

    __tablename__ = "bound_launch"
    __table_args__ = (
        CheckConstraint("message IN ('resource_link', 'deep_linking', 'submission_review')", name="message"),
        CheckConstraint("role IN ('administrator', 'teacher', 'non_editing_teacher', 'student')", name="role"),
    )

    id: Mapped[OpaqueKey]
    browser_hash: Mapped[str]
    message: Mapped[str]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    resource_link_id: Mapped[int | None] = mapped_column(ForeignKey("resource_link.id"))
    placement_id: Mapped[UUID | None] = mapped_column(ForeignKey("placement.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reviewed_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    locale: Mapped[str] = mapped_column(default="")
    return_url: Mapped[str | None]
    deep_linking: Mapped[dict[str, Any] | None]
    notices: Mapped[list[Any]] = mapped_column(default=list)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[CreatedAt]


class CapabilityOverride(Base):
    """A course's own answer to "may this role do this?", where it differs from the default table."""

    __tablename__ = "capability_override"
    __table_args__ = (
        UniqueConstraint("course_id", "role", "capability"),
        CheckConstraint("role IN ('teacher', 'non_editing_teacher', 'student')", name="role"),
    )

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    role: Mapped[str]
    capability: Mapped[str]
    is_allowed: Mapped[bool]
