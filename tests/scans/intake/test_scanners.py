"""A scanner's key adds files to its exam and does nothing else; a watched folder loses nothing."""

import io
import os
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.store import FileStore
from lti_tool.files.uploads import Upload
from lti_tool.files.virus_scan import VirusScan
from lti_tool.scans.intake.keys import keys_of, make_key, revoke_key
from lti_tool.scans.intake.models import ScannerKey
from lti_tool.scans.intake.watching import WatchedFolder
from lti_tool.scans.models import Batch, Paper, SentFile
from lti_tool.scans.uploads import take_uploads
from tests.files import samples
from tests.fixtures.people import Enter, House
from tests.scans.conftest import EXAM, name_of


def send(app: Flask, secret: str, name: str, content: bytes):  # type: ignore[no-untyped-def]
    headers = {"Authorization": f"Bearer {secret}", "X-File-Name": name}
    return app.test_client().post("/scanners/files", data=content, headers=headers)


def test_a_scanner_adds_a_file_with_its_key(app: Flask, session: Session, house: House, teacher: Viewer) -> None:
    secret = make_key(session, teacher, "Room 12")
    answer = send(app, secret, name_of(house, "student"), samples.pdf("One"))
    assert (answer.status_code, answer.json) == (200, [{"name": name_of(house, "student"), "reason": ""}])
    assert session.scalars(select(Paper.person_id)).all() == [house.student.id]
    assert session.scalars(select(Batch.source)).all() == ["scanner"]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "scans.uploaded")).one()
    assert (entry.actor_role, entry.details["source"]) == ("scanner", "scanner")


def test_a_bad_file_is_answered_with_its_reason(app: Flask, session: Session, house: House, teacher: Viewer) -> None:
    answer = send(app, make_key(session, teacher, "Room 12"), "a.pdf", b"hello")
    assert answer.status_code == 422 and "its content is" in answer.text


@pytest.mark.parametrize("secret", ["", "lectern-scanner-wrong", "x"])
def test_without_a_key_nothing_is_taken(app: Flask, session: Session, teacher: Viewer, secret: str) -> None:
    assert send(app, secret, "a.pdf", samples.pdf("One")).status_code == 403
    assert session.scalars(select(SentFile)).all() == []


def test_a_revoked_key_is_no_key(app: Flask, session: Session, teacher: Viewer) -> None:
    secret = make_key(session, teacher, "Room 12")
    (key,) = keys_of(session, teacher)
    revoke_key(session, teacher, key.id)
    assert send(app, secret, "a.pdf", samples.pdf("One")).status_code == 403
    with pytest.raises(NotFound):
        revoke_key(session, teacher, key.id)


def test_a_key_in_the_address_is_not_looked_at(app: Flask, session: Session, teacher: Viewer) -> None:
    secret = make_key(session, teacher, "Room 12")
    assert app.test_client().post(f"/scanners/files?key={secret}", data=b"x").status_code == 403
    assert app.test_client().get("/scanners/files", headers={"Authorization": f"Bearer {secret}"}).status_code == 405


def test_the_secret_is_shown_once_and_kept_as_a_hash(enter: Enter, session: Session, teacher: Viewer) -> None:
    staff = enter("teacher", EXAM)
    answer = staff.post("scans/intake/keys", {"label": "Room 12"})
    (key,) = session.scalars(select(ScannerKey))
    assert "lectern-scanner-" in answer.text and "no-store" in answer.headers["Cache-Control"]
    page = staff.page("scans/intake/keys")
    assert "Room 12" in page.text and "lectern-scanner-" not in str(page) and len(key.secret_sha256) == 64
    page = staff.follow(staff.post(f"scans/intake/keys/{key.id}/revoke"))
    assert "Room 12" not in page.text


@pytest.mark.parametrize("label", ["", " ", "x" * 81])
def test_a_key_has_a_name(session: Session, teacher: Viewer, label: str) -> None:
    with pytest.raises(InvalidInput):
        make_key(session, teacher, label)


def test_a_file_that_still_grows_waits(tmp_path: Path) -> None:
    watched, path = WatchedFolder(tmp_path), tmp_path / "a.pdf"
    path.write_bytes(b"1")
    assert watched.settled() == []
    path.write_bytes(b"12")
    assert watched.settled() == []
    assert watched.settled() == [path]


def test_what_was_taken_is_put_away_under_a_free_name(tmp_path: Path) -> None:
    watched = WatchedFolder(tmp_path)
    for _file in range(2):
        path = tmp_path / "a.pdf"
        path.write_bytes(b"1")
        watched.put_away(path, was_taken=True)
    assert sorted(path.name for path in (tmp_path / "taken").iterdir()) == ["a-2.pdf", "a.pdf"]
    assert watched.settled() == watched.settled() == []


def scanner(tmp_path: Path, code: int) -> str:
    command = tmp_path / "scan"
    command.write_text(f"#!/bin/sh\nexit {code}\n")
    os.chmod(command, 0o755)
    return str(command)


@pytest.mark.parametrize(("code", "reason"), [(1, "refuses"), (2, "could not be checked")])
def test_what_the_virus_scanner_refuses_is_not_kept(tmp_path: Path, code: int, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        VirusScan.of(scanner(tmp_path, code)).check(tmp_path / "a", "a.pdf")


def test_a_clean_file_passes_and_a_missing_scanner_refuses(tmp_path: Path) -> None:
    VirusScan.of(scanner(tmp_path, 0)).check(tmp_path / "a", "a.pdf")
    with pytest.raises(InvalidInput, match="could not be checked"):
        VirusScan.of(str(tmp_path / "nothing")).check(tmp_path / "a", "a.pdf")


def test_an_infected_file_of_a_form_fails_alone(
    session: Session, house: House, teacher: Viewer, store: FileStore, tmp_path: Path
) -> None:
    uploads = [Upload(name=name_of(house, "student"), stream=io.BytesIO(samples.pdf("One")))]
    scan = VirusScan.of(scanner(tmp_path, 1))
    (outcome,) = take_uploads(session, teacher, uploads, store, batch_id=uuid4(), scan=scan)
    assert "virus scanner refuses" in outcome.reason and session.scalars(select(Paper)).all() == []
