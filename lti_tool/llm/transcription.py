"""The transcription model: a short recording to text. A voice cannot be pseudonymised; only its text can be."""

from urllib3 import encode_multipart_formdata

from lti_tool.errors import ModelFailed
from lti_tool.llm.door import Caller, Door, OpenCall, model_call
from lti_tool.llm.usage import estimated_usage
from lti_tool.llm.wire import named_failures, send


def transcribe(door: Door, caller: Caller, audio: bytes, *, name: str, media_type: str, language: str = "") -> str:
    """What was said; `language` is a hint, as `de` or `it`. Raises as `ChatModel.stream` does."""
    with model_call(door, caller, kind="transcriptions") as call:
        return _transcribe(call, audio, name, media_type, language)


def _transcribe(call: OpenCall, audio: bytes, name: str, media_type: str, language: str) -> str:
    parts: dict[str, str | tuple[str, bytes, str]] = {"model": call.model, "response_format": "json"}
    if language:
        parts["language"] = language
    payload, content_type = encode_multipart_formdata(parts | {"file": (name, audio, media_type)})
    headers = call.provider.headers | {"Content-Type": content_type}
    response = send(call.line, "POST", call.provider.transcription_url, payload, headers)
    with named_failures():
        text = _text_of(response.json())
    call.mark_first_token()
    call.usage = estimated_usage("", text)
    return text


def _text_of(answer: object) -> str:
    text = answer.get("text") if isinstance(answer, dict) else None
    if not isinstance(text, str):
        raise ModelFailed("answer_unreadable", "The recording could not be understood.")
    return text.strip()
