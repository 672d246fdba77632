"""How an entry becomes bytes, and bytes a chain: the same for a row, an export and whoever checks one offline."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from lti_tool.accounts.audit.models import AuditEntry

FIELDS = (
    "occurred_at",
    "action",
    "course_id",
    "actor_id",
    "actor_role",
    "object_type",
    "object_id",
    "details",
)
"""What the digest covers; the sequence is covered by the chain."""


def fields_of(entry: AuditEntry) -> dict[str, object]:
    """The entry's content as JSON values."""
    values = {name: getattr(entry, name) for name in FIELDS}
    return values | {"occurred_at": stamp(entry.occurred_at)}


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def digest_of(fields: Mapping[str, object]) -> bytes:
    """SHA-256 of the canonical JSON: sorted keys, no spaces, UTF-8."""
    known = {name: fields[name] for name in FIELDS}
    canonical = json.dumps(known, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).digest()


def link(previous: bytes, digest: bytes) -> bytes:
    return hashlib.sha256(previous + digest).digest()
