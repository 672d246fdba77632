"""Uploads in parts for the page's script, the list of what came in, scanners' keys, and the door for scanners.

A scanner's key stands in the `Authorization` header and nowhere else: an address would keep it in logs.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid5

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.intake import clean_name
from lti_tool.scans.intake.keys import key_with, keys_of, make_key, revoke_key
from lti_tool.scans.intake.listing import received_files
from lti_tool.scans.intake.parts import PART_BYTES, PartsFolder, append, begin, upload_for
from lti_tool.scans.intake.taking_in import Sender, largest_file, take_in
from lti_tool.scans.intake.tasks import take_in_upload
from lti_tool.scans.states import Source
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("scans_intake", __name__, "scans/intake")
public_blueprint = Blueprint("scanners", __name__, url_prefix="/scanners")
BLOCK = 1024 * 1024
ROLE = "scanner"


@blueprint.post("/uploads")
@guarded(Capability.HANDLE_SCANS)
def begin_upload(viewer: Viewer) -> ResponseReturnValue:
    """Begin a large file or an archive, or go on with it: the answer says from where."""
    size = request.form.get("size", "")
    if not size.isdecimal() or len(size) > 15:
        raise InvalidInput("size_malformed")
    upload = begin(
        db.session(),
        viewer,
        _folder(),
        name=request.form.get("name", ""),
        size=int(size),
        fingerprint=request.form.get("fingerprint", ""),
        batch_id=_uuid(request.form.get("batch", "")),
    )
    address = url_for("scans_intake.send_part", upload_id=upload.id)
    return {"url": address, "received": upload.received, "part": PART_BYTES}


@blueprint.post("/uploads/<uuid:upload_id>")
@guarded(Capability.HANDLE_SCANS)
def send_part(viewer: Viewer, upload_id: UUID) -> ResponseReturnValue:
    """One part from its offset on; the answer says how far the file is, whoever else sent the same part."""
    upload, offset = upload_for(db.session(), viewer, upload_id), request.form.get("offset", "")
    part = request.files.get("part")
    if part is None or not offset.isdecimal() or len(offset) > 15:
        raise InvalidInput("part_malformed")
    was_finished = upload.finished_at is not None
    if append(db.session(), upload, _folder(), part.stream, offset=int(offset)) and not was_finished:
        take_in_upload.enqueue(db.session(), upload_id=str(upload.id), role=str(viewer.role))
    return {"received": upload.received, "finished": upload.finished_at is not None}


@blueprint.get("/files")
@guarded(Capability.HANDLE_SCANS)
def files(viewer: Viewer) -> ResponseReturnValue:
    """What came in lately and what became of it, for the script that keeps the list fresh."""
    return render_template("scans/intake/_files.html", received=received_files(db.session(), viewer))


@blueprint.get("/keys")
@guarded(Capability.HANDLE_SCANS)
def keys(viewer: Viewer) -> ResponseReturnValue:
    """Which scanners may add files to this exam."""
    return _keys_page(viewer)


@blueprint.post("/keys")
@guarded(Capability.HANDLE_SCANS)
def new_key(viewer: Viewer) -> ResponseReturnValue:
    """Make a key; the page that answers is the only place where it is ever shown."""
    return _keys_page(viewer, make_key(db.session(), viewer, request.form.get("label", "")))


@blueprint.post("/keys/<uuid:key_id>/revoke")
@guarded(Capability.HANDLE_SCANS)
def revoke(viewer: Viewer, key_id: UUID) -> ResponseReturnValue:
    revoke_key(db.session(), viewer, key_id)
    return redirect(url_for("scans_intake.keys"), 303)


@public_blueprint.post("/files")
def from_scanner() -> ResponseReturnValue:
    """A file of a scanner, as the body of the request; its name stands in `X-File-Name`."""
    session = db.session()
    key = key_with(session, request.headers.get("Authorization", ""))
    sender = Sender(
        placement_id=key.placement_id,
        batch_id=uuid5(key.id, f"{datetime.now(UTC):%Y-%m-%d}"),
        person_id=key.created_by_id,
        role=ROLE,
        source=Source.SCANNER,
    )
    most, name = largest_file(session, key.placement_id), clean_name(request.headers.get("X-File-Name", ""))
    with tempfile.TemporaryDirectory(prefix="lectern-scanner-") as folder:
        path = Path(folder) / "file"
        _receive(path, most)
        outcomes = take_in(current_runtime(), sender, path, name, most_bytes=most)
    answer = [{"name": outcome.name, "reason": outcome.reason} for outcome in outcomes]
    return answer, 200 if any(outcome.is_accepted for outcome in outcomes) else 422


def _receive(path: Path, most: int) -> None:
    size = 0
    with path.open("wb") as output:
        while block := request.stream.read(BLOCK):
            size += len(block)
            if size > most:
                raise InvalidInput("file_too_large", _("This file is too large."))
            output.write(block)
    if not size:
        raise InvalidInput("file_empty", _("This file is empty."))


def _keys_page(viewer: Viewer, secret: str = "") -> ResponseReturnValue:
    address = current_runtime().settings.public_url + url_for("scanners.from_scanner")
    return render_template(
        "scans/intake/keys.html",
        keys=keys_of(db.session(), viewer),
        secret=secret,
        address=address,
        exam_id=viewer.placement_id,
    )


def _folder() -> PartsFolder:
    return PartsFolder.of(current_runtime().settings)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("batch_unknown") from error
