"""The chain as lines of JSON that anyone can check without our database: entries, then the head.

What belongs to another platform stays in as its digest alone: the chain can still be followed, the content is theirs.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.accounts.audit.verification import Finding, Head, Link, check, head_of, links_of
from lti_tool.errors import InvalidInput

Visible = Callable[[dict[str, object]], bool]


def export_lines(session: Session, is_visible: Visible = lambda _: True) -> Iterator[str]:
    """One line an entry, oldest first; the last line is the head."""
    head = head_of(session) or Head(sequence=0, hash=b"")
    for link in links_of(session, up_to=head.sequence):
        yield _line(link, is_visible)
    yield json.dumps({"head": {"sequence": head.sequence, "hash": head.hash.hex()}}) + "\n"


def _line(link: Link, is_visible: Visible) -> str:
    shown = {"entry": link.fields} if link.fields is not None and is_visible(link.fields) else {}
    chain = {
        "sequence": link.sequence,
        "digest": link.digest.hex(),
        "previous_hash": link.previous_hash.hex(),
        "hash": link.hash.hex(),
    }
    return json.dumps(chain | shown, ensure_ascii=False) + "\n"


def verify_export(lines: Iterable[str]) -> list[Finding]:
    """Check an export offline; raises InvalidInput when it is none, or has lost its last line."""
    try:
        parts = [json.loads(line) for line in lines if line.strip()]
        head = parts.pop()["head"]
        end = Head(sequence=head["sequence"], hash=bytes.fromhex(head["hash"]))
        return check([_link(part) for part in parts], end)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InvalidInput("audit_export_malformed", "This file is not a complete export of the audit.") from error


def _link(part: dict[str, Any]) -> Link:
    return Link(
        sequence=part["sequence"],
        previous_hash=bytes.fromhex(part["previous_hash"]),
        hash=bytes.fromhex(part["hash"]),
        digest=bytes.fromhex(part["digest"]),
        fields=part.get("entry"),
    )
