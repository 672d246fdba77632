"""How an activity is marked and released: the teacher's choices, kept with the placement."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import ForUpdateArg

from lti_tool.accounts.models import Placement

KEY = "marking"


@dataclass(frozen=True, kw_only=True)
class MarkingOptions:
    """`is_held`: approved grades wait for a release. `salt` makes the names that hide people where `is_anonymous`.

    `is_sealed`: the platform marks blind, so names stay hidden after the release too, whatever a teacher chooses here.
    """

    is_held: bool = False
    is_anonymous: bool = False
    is_sealed: bool = False
    has_two_markers: bool = False
    regrade_days: int | None = None
    salt: str = ""


def lock_options(session: Session, placement: Placement) -> None:
    """All choices of a placement lie in one column: who changes some reads them anew, so that none is lost."""
    session.refresh(placement, ["options"], with_for_update=ForUpdateArg(key_share=True))


def marking_options(placement: Placement) -> MarkingOptions:
    """What the placement says; where it says nothing, everything is released at once and under its name."""
    kept: Mapping[str, Any] = placement.options.get(KEY) or {}
    known = {name: kept[name] for name in MarkingOptions.__dataclass_fields__ if name in kept}
    return MarkingOptions(**known)


def change_marking_options(placement: Placement, options: MarkingOptions) -> None:
    """Keep the choices; names that hide people are made once and then stay, and a seal is not a teacher's to break."""
    kept = marking_options(placement)
    _keep(placement, replace(options, salt=kept.salt, is_sealed=kept.is_sealed))


def seal_names(placement: Placement, *, is_sealed: bool) -> None:
    """Hide names for as long as the platform does; with the seal the secrecy ends that it brought."""
    kept = marking_options(placement)
    if kept.is_sealed != is_sealed:
        _keep(placement, replace(kept, is_sealed=is_sealed, is_anonymous=is_sealed))


def _keep(placement: Placement, options: MarkingOptions) -> None:
    salt = options.salt or secrets.token_hex(16)
    is_anonymous = options.is_anonymous or options.is_sealed
    placement.options = placement.options | {KEY: asdict(replace(options, salt=salt, is_anonymous=is_anonymous))}
