"""Platforms, their registrations and deployments (LTI 1.3 core section 3.1): the root of tenancy.

One platform (issuer) may have many registrations (client ids), a registration many deployments; in Moodle every
tool configuration is one registration with one deployment.
"""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, CreatedAt, Key


class RegistrationStatus(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class RegistrationOrigin(StrEnum):
    DYNAMIC = "dynamic"
    MANUAL = "manual"


class Platform(Base):
    """An LMS installation, known by its issuer."""

    __tablename__ = "platform"

    id: Mapped[Key]
    issuer: Mapped[str] = mapped_column(unique=True)
    product_family: Mapped[str] = mapped_column(default="")
    version: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="")
    created_at: Mapped[CreatedAt]


class Registration(Base):
    """Our client id at a platform and the platform's endpoints for it."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("platform_id", "client_id"),
        CheckConstraint("status IN ('active', 'disabled')", name="status"),
        CheckConstraint("origin IN ('dynamic', 'manual')", name="origin"),
    )

    id: Mapped[Key]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    client_id: Mapped[str]
    authorization_endpoint: Mapped[str]
    token_endpoint: Mapped[str]
    token_audience: Mapped[str | None]
    keyset_url: Mapped[str]
    allows_private_addresses: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(default=RegistrationStatus.ACTIVE)
    origin: Mapped[str] = mapped_column(default=RegistrationOrigin.MANUAL)
    created_at: Mapped[CreatedAt]

    platform: Mapped[Platform] = relationship(lazy="joined")


class Deployment(Base):
    """One installed instance of the tool under a registration; an unknown one is refused."""

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("registration_id", "deployment_id"),)

    id: Mapped[Key]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[CreatedAt]

    registration: Mapped[Registration] = relationship(lazy="joined")
