"""What Moodle says about a token: its user, its functions, whether it may fetch files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.errors import PlatformFailed
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import SITE, Unlocked, unlocked_by
from lti_tool.moodle.refusals import NO_MOODLE


@dataclass(frozen=True, kw_only=True)
class MoodleSite:
    """The parts of the site's answer that we use; it also holds a private key of the user, which is not kept."""

    name: str
    release: str
    user: str
    user_id: int
    is_administrator: bool
    functions: frozenset[str]
    may_download: bool
    may_upload: bool

    @property
    def unlocked(self) -> list[Unlocked]:
        return unlocked_by(self.functions, may_download=self.may_download)


def ask_site(client: MoodleClient) -> MoodleSite:
    """Ask the site about the client's token; raises as the call does."""
    answer = client.call(SITE)
    if not isinstance(answer, Mapping) or not isinstance(answer.get("functions"), list):
        raise PlatformFailed("moodle_unreadable", NO_MOODLE)
    return MoodleSite(
        name=_text(answer, "sitename"),
        release=_text(answer, "release"),
        user=_text(answer, "username"),
        user_id=int(answer.get("userid") or 0),
        is_administrator=bool(answer.get("userissiteadmin")),
        functions=frozenset(str(function["name"]) for function in answer["functions"]),
        may_download=bool(answer.get("downloadfiles")),
        may_upload=bool(answer.get("uploadfiles")),
    )


def _text(answer: Mapping[str, Any], name: str) -> str:
    return str(answer.get(name) or "")
