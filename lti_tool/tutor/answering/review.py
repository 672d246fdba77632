"""What of an answer may be shown: each finished part is looked at once, before it is rendered and stored.

A part that repeats what the tutor was told ends the answer. Numbers and quotation marks that the passages do not bear
out are struck (verification.py). Links lead to the platform or to addresses in passages that are named; all else is
text. The growing tail is shown as plain text before its part is finished: only then is it known what it says.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from urllib.parse import urlsplit

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course
from lti_tool.db import columns
from lti_tool.lti.models import Deployment, Platform, Registration
from lti_tool.tutor.answering.verification import Evidence, check, evidence_of
from lti_tool.tutor.live.shown import Shown
from lti_tool.tutor.turns import CitedPassage
from lti_tool.web.markdown import ADDRESS, Links

RUN = 9
"""So many words in a row are nobody's own; shorter runs of the instructions stand in honest answers too."""
WORD = re.compile(r"\w+")


class Review:
    """Looks at the parts of one answer, in their order."""

    def __init__(self, passages: Sequence[CitedPassage], told: Sequence[str], hosts: frozenset[str]) -> None:
        self.is_blocked = False
        self._passages = {passage.number: passage for passage in passages}
        self._told = frozenset[tuple[str, ...]]().union(*map(_runs_told, told))
        self._hosts = hosts
        self._supported: set[int] = set()
        self._struck: set[int] = set()
        self._evidence = cache(self._read)

    def __call__(self, block: str) -> Shown:
        self.is_blocked = self.is_blocked or any(run in self._told for run in _runs(block))
        if self.is_blocked:
            return Shown(text="")
        checked = check(block, self._evidence)
        self._supported |= checked.supported
        self._struck |= checked.struck
        return Shown(text=checked.text, links=self.links)

    @property
    def links(self) -> Links:
        """Where links may lead, by the passages named so far."""
        return links_for(self._hosts, [self._passages[number].quotation for number in self._supported])

    def citations(self) -> list[CitedPassage]:
        """The passages that were named, those that bear nothing out marked as such."""
        return [
            replace(passage, is_supported=number in self._supported)
            for number, passage in self._passages.items()
            if number in self._supported | self._struck
        ]

    def _read(self, number: int) -> Evidence | None:
        passage = self._passages.get(number)
        return evidence_of(f"{passage.title}\n{passage.locator}\n{passage.quotation}") if passage else None


def links_for(hosts: frozenset[str], cited: Sequence[str]) -> Links:
    """The platform's hosts, and the addresses that stand in the texts of passages that are named."""
    return Links(hosts=hosts, addresses=frozenset(found for text in cited for found in ADDRESS.findall(text)))


def platform_hosts(session: Session, course_id: int) -> frozenset[str]:
    """The hosts of the course's platform."""
    return hosts_of(columns(session, ADDRESSES, {"course_id": course_id}).one())


ADDRESSES = (
    select(Platform.issuer, Registration.authorization_endpoint)
    .join(Registration, Registration.platform_id == Platform.id)
    .join(Deployment, Deployment.registration_id == Registration.id)
    .join(Course, Course.deployment_id == Deployment.id)
    .where(Course.id == bindparam("course_id"))
)


def hosts_of(addresses: Sequence[str]) -> frozenset[str]:
    return frozenset(host for address in addresses if (host := urlsplit(address).hostname))


@lru_cache(maxsize=256)
def _runs_told(text: str) -> frozenset[tuple[str, ...]]:
    """The same instructions are told with every question of a course."""
    return frozenset(_runs(text))


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = WORD.findall(text.lower())
    return (tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1))
