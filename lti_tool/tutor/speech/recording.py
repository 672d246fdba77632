"""A recording from the browser: is it one, is it short, may it be transcribed here; then what was said."""

from dataclasses import dataclass
from typing import IO

from lti_tool.accounts.identities import identities_of
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import transaction
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.llm.door import Caller, Door
from lti_tool.llm.transcription import transcribe
from lti_tool.runtime import Runtime
from lti_tool.site_settings.chat import ENABLE_TRANSCRIPTION, TRANSCRIPTION_DEPLOYMENT
from lti_tool.site_settings.store import Snapshot, snapshot
from lti_tool.site_settings.switches import Feature
from lti_tool.tutor.limits import count_question

MOST_BYTES = 10 * 1024 * 1024
"""Some ten minutes as browsers record; the script stops after two."""

SIGNATURES = (
    (0, b"\x1a\x45\xdf\xa3", "webm", "audio/webm"),
    (0, b"OggS", "ogg", "audio/ogg"),
    (4, b"ftyp", "mp4", "audio/mp4"),
    (8, b"WAVE", "wav", "audio/wav"),
)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What was said, and how many questions are left today; None means without limit."""

    text: str
    left_today: int | None


def can_transcribe(settings: Snapshot) -> bool:
    """Whether a recording may go to the server's model; else the browser's own recognition serves."""
    return settings.read(ENABLE_TRANSCRIPTION) and bool(settings.read(TRANSCRIPTION_DEPLOYMENT))


def text_of_recording(runtime: Runtime, viewer: Viewer, stream: IO[bytes]) -> Heard:
    """What was said; nothing of the recording is kept. The call holds no lock: a question may be sent meanwhile."""
    with transaction(runtime.engine) as session:
        settings = snapshot(session, viewer.course_id)
        if not can_transcribe(settings):
            raise NotAllowed("transcription_off", "Recordings are not transcribed in this course.")
        audio = stream.read(MOST_BYTES + 1)
        if len(audio) > MOST_BYTES:
            raise InvalidInput("recording_too_long", "This recording is too long. Say it in fewer words.")
        ending, media_type = _kind_of(audio)
        # A recording is a call to a model like a question, so it counts as one.
        allowance = count_question(session, settings, viewer.person_id)
        caller = Caller(
            feature=Feature.TUTOR,
            purpose="tutor.transcription",
            course_id=viewer.course_id,
            person_id=viewer.person_id,
            identities=identities_of(session, viewer.course_id),
        )
    door = Door(engine=runtime.engine, secrets=runtime.secrets)
    language = viewer.locale.replace("_", "-").split("-")[0]
    text = transcribe(door, caller, audio, name=f"question.{ending}", media_type=media_type, language=language)
    return Heard(text=text, left_today=allowance.left_today)


def _kind_of(audio: bytes) -> tuple[str, str]:
    for offset, signature, ending, media_type in SIGNATURES:
        if audio[offset : offset + len(signature)] == signature:
            return ending, media_type
    raise InvalidInput("recording_unknown", "This is no recording that can be transcribed.")
