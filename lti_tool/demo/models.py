"""What the course site remembers, in its own schema `demo`: nothing here touches the tool's tables.

The tables are made when the site first starts; they have no migrations because `demo-reset` makes them anew.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Integer, MetaData, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from lti_tool.config import origin_of

SCHEMA = "demo"

Number = Annotated[int, mapped_column(Integer, primary_key=True, autoincrement=True)]


class DemoBase(DeclarativeBase):
    """Apart from the tool's base, so that no migration and no query of the tool sees these rows."""

    metadata = MetaData(schema=SCHEMA)
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        dict[str, str]: JSONB,
        dict[str, Any]: JSONB,
        list[str]: JSONB,
        Decimal: Numeric(12, 5),
    }


class CourseRole(StrEnum):
    TEACHER = "teacher"
    NON_EDITING_TEACHER = "non_editing_teacher"
    STUDENT = "student"


class ToolState(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"


class Message(StrEnum):
    RESOURCE_LINK = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"
    SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"


class SiteFact(DemoBase):
    """What the site remembers of itself: what signs its cookies, which ports were taken."""

    __tablename__ = "site_fact"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class SigningKey(DemoBase):
    """A key of the site; the newest signs, all that are here are published."""

    __tablename__ = "signing_key"

    id: Mapped[Number]
    kid: Mapped[str] = mapped_column(unique=True)
    private_pem: Mapped[str]


class Person(DemoBase):
    """Somebody with an account on the site; the id is the `sub` of a launch."""

    __tablename__ = "person"

    id: Mapped[Number]
    username: Mapped[str] = mapped_column(unique=True)
    given_name: Mapped[str]
    family_name: Mapped[str]
    email: Mapped[str]
    idnumber: Mapped[str] = mapped_column(default="")
    is_administrator: Mapped[bool] = mapped_column(default=False)

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


class Course(DemoBase):
    """A course; `copied_from_id` feeds the variable $Context.id.history."""

    __tablename__ = "course"

    id: Mapped[Number]
    title: Mapped[str]
    label: Mapped[str]
    idnumber: Mapped[str] = mapped_column(default="")
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))


class Enrolment(DemoBase):
    """A person in a course."""

    __tablename__ = "enrolment"
    __table_args__ = (CheckConstraint("role IN ('teacher', 'non_editing_teacher', 'student')"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str]

    person: Mapped[Person] = relationship(lazy="joined")


class Tool(DemoBase):
    """A registered tool; its id is the deployment id, as in Moodle."""

    __tablename__ = "tool"
    __table_args__ = (CheckConstraint("state IN ('pending', 'active')"),)

    id: Mapped[Number]
    client_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default=ToolState.PENDING)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    login_url: Mapped[str]
    target_link_uri: Mapped[str]
    deep_linking_url: Mapped[str | None]
    redirect_uris: Mapped[list[str]]
    keyset_url: Mapped[str]
    cached_keyset: Mapped[dict[str, Any] | None]
    scopes: Mapped[list[str]]
    custom: Mapped[dict[str, str]] = mapped_column(default=dict)
    shares_names: Mapped[bool] = mapped_column(default=False)
    shares_emails: Mapped[bool] = mapped_column(default=False)

    @property
    def origin(self) -> str:
        """Where it answers, which is where a frame must hand its permissions to."""
        return origin_of(self.target_link_uri)


class Activity(DemoBase):
    """A link to a tool on a course page; its id is the resource link id."""

    __tablename__ = "activity"

    id: Mapped[Number]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"))
    title: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    url: Mapped[str | None]
    custom: Mapped[dict[str, str]] = mapped_column(default=dict)

    tool: Mapped[Tool] = relationship(lazy="joined")
    course: Mapped[Course] = relationship(lazy="joined")


class LineItem(DemoBase):
    """A column of the gradebook; without an activity when the tool made it by itself."""

    __tablename__ = "line_item"

    id: Mapped[Number]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    label: Mapped[str]
    score_maximum: Mapped[Decimal]
    resource_id: Mapped[str] = mapped_column(default="")
    tag: Mapped[str] = mapped_column(default="")
    review_url: Mapped[str | None]
    review_custom: Mapped[dict[str, str]] = mapped_column(default=dict)


class Grade(DemoBase):
    """A cell of the gradebook: what the tool sent, and what a teacher set over it."""

    __tablename__ = "grade"

    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    score: Mapped[Decimal | None]
    comment: Mapped[str] = mapped_column(default="")
    scored_at: Mapped[datetime | None]
    overridden_score: Mapped[Decimal | None]
    is_locked: Mapped[bool] = mapped_column(default=False)


class PendingMessage(DemoBase):
    """A message the site is ready to sign once the tool asks for it; deleted when it does."""

    __tablename__ = "pending_message"
    __table_args__ = (
        CheckConstraint("message IN ('LtiResourceLinkRequest', 'LtiDeepLinkingRequest', 'LtiSubmissionReviewRequest')"),
    )

    hint: Mapped[str] = mapped_column(primary_key=True)
    message: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    reviewed_id: Mapped[int | None]
    target_link_uri: Mapped[str]
    expires_at: Mapped[datetime]

    tool: Mapped[Tool] = relationship(lazy="joined")


class AccessToken(DemoBase):
    """What a tool was granted; only the hash of the token is kept."""

    __tablename__ = "access_token"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"))
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime]


class UsedOnce(DemoBase):
    """Something that may be used a single time: an assertion's jti, a nonce, a registration token."""

    __tablename__ = "used_once"
    __table_args__ = (UniqueConstraint("kind", "owner", "value"),)

    id: Mapped[Number]
    kind: Mapped[str]
    owner: Mapped[str]
    value: Mapped[str]
