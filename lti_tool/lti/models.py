"""Platforms, their registrations and deployments (LTI 1.3 core section 3.1): the root of tenancy.

One platform (issuer) may have many registrations (client ids), a registration many deployments; in Moodle every
tool configuration is one registration with one deployment.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, CreatedAt, Key, OpaqueKey


class RegistrationStatus(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class RegistrationOrigin(StrEnum):
    DYNAMIC = "dynamic"
    MANUAL = "manual"


class ToolKeyState(StrEnum):
    """next -> active -> retired -> deleted; one of each of the first two at any time."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"


class Platform(Base):
    """An LMS installation, known by its issuer. Only administrators of a trusted one administer the whole tool."""

    __tablename__ = "platform"

    id: Mapped[Key]
    issuer: Mapped[str] = mapped_column(unique=True)
    product_family: Mapped[str] = mapped_column(default="")
    version: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="")
    is_trusted: Mapped[bool] = mapped_column(default=False)
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


class AccessToken(Base):
    """The platform's bearer token for a set of scopes, shared by all processes until a minute before it expires."""

    __tablename__ = "access_token"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    scopes: Mapped[str] = mapped_column(primary_key=True)
    token_encrypted: Mapped[str]
    expires_at: Mapped[datetime]


class LoginAttempt(Base):
    """One login under way: what was asked for and by which browser; consumed by one DELETE, once."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index("ix_login_attempt_address_hash_expires_at", "address_hash", "expires_at"),)

    state_hash: Mapped[str] = mapped_column(primary_key=True)
    nonce_hash: Mapped[str]
    browser_hash: Mapped[str]
    address_hash: Mapped[str]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    target_link_uri: Mapped[str]
    deployment_hint: Mapped[str | None]
    login_hint: Mapped[str]
    message_hint: Mapped[str | None]
    storage_target: Mapped[str | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[CreatedAt]

    registration: Mapped[Registration] = relationship(lazy="joined")


class UsedNonce(Base):
    """A nonce that a platform has spent: a second token with it is a replay, whatever its state."""

    __tablename__ = "used_nonce"

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    nonce_hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class PlatformKeySet(Base):
    """A platform's public keys as last fetched; all processes share it, so one fetch serves them all."""

    __tablename__ = "platform_key_set"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), primary_key=True, autoincrement=False)
    keys: Mapped[list[Any]] = mapped_column(default=list)
    fetched_at: Mapped[datetime | None]
    fresh_until: Mapped[datetime | None]
    last_refetch_at: Mapped[datetime]


class ToolKey(Base):
    """Our signing key. The private part is encrypted; the public part is published while the row exists."""

    __tablename__ = "tool_key"
    __table_args__ = (
        CheckConstraint("state IN ('next', 'active', 'retired')", name="state"),
        CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name="retired_at"),
        Index("uq_tool_key_active", "state", unique=True, postgresql_where=text("state = 'active'")),
        Index("uq_tool_key_next", "state", unique=True, postgresql_where=text("state = 'next'")),
    )

    kid: Mapped[str] = mapped_column(primary_key=True)
    private_pem: Mapped[str]
    public_jwk: Mapped[dict[str, Any]]
    state: Mapped[str]
    not_before: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class RegistrationInvitation(Base):
    """Leave to register one platform; the signed address that an operator hands out names it."""

    __tablename__ = "registration_invitation"

    id: Mapped[OpaqueKey]
    allows_private_addresses: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))
    created_at: Mapped[CreatedAt]
