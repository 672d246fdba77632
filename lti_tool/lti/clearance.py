"""May this feature call this platform now, and with which token? Asked before each request, where the call goes out.

Threads that send many at once share a clearance, and with `checked_for` one look for half a second: a switch still
stops them within a second.
"""

import threading
import time
from collections.abc import Sequence

from sqlalchemy import Engine

from lti_tool.db import transaction
from lti_tool.lti.access_tokens import PlatformAccess, access_token, drop_token, require_active
from lti_tool.secrets import Secrets
from lti_tool.site_settings.switches import Feature, require_on


class Clearance:
    """One platform, one feature, one course."""

    def __init__(
        self,
        *,
        engine: Engine,
        secrets: Secrets,
        access: PlatformAccess,
        feature: Feature,
        course_id: int | None,
        checked_for: float = 0,
    ) -> None:
        self.access = access
        self._engine, self._secrets = engine, secrets
        self._feature, self._course_id = feature, course_id
        self._checked_for, self._lock = checked_for, threading.Lock()
        self._known: dict[tuple[str, ...], tuple[str, float]] = {}

    def token(self, scopes: Sequence[str]) -> str:
        """A token to call with; raises NotAllowed (`feature_off`, `registration_disabled`) or PlatformFailed."""
        wanted = tuple(scopes)
        with self._lock:
            token, until = self._known.get(wanted, ("", 0.0))
            if time.monotonic() >= until:
                token = self._looked_up(wanted)
                self._known[wanted] = token, time.monotonic() + self._checked_for
            return token

    def refuse(self, scopes: Sequence[str], token: str) -> None:
        """The platform does not take this token any more."""
        with self._lock:
            if self._known.get(tuple(scopes), ("", 0.0))[0] == token:
                self._known.pop(tuple(scopes))
            drop_token(self._engine, self.access, scopes, token, self._secrets)

    def _looked_up(self, scopes: tuple[str, ...]) -> str:
        with transaction(self._engine) as session:
            require_on(session, self._feature, course_id=self._course_id)
            require_active(session, self.access)
        return access_token(self._engine, self._secrets, self.access, scopes)
