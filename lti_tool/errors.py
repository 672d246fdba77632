"""What can go wrong, as five families; every other error is a defect.

    ToolError
    ├── NotAllowed        the viewer may not do this
    ├── NotFound          it does not exist, or not for this viewer
    ├── InvalidInput      what was sent cannot be used
    ├── PlatformFailed    Moodle (or another platform) did not answer as it should
    └── ModelFailed       the language model did not answer as it should

The docstring of a class is its default message. `code` names the text shown to people and the log event;
`details` go to the log alone and never hold a name, a mark, a message or a token.

A message is written in English and translated where it is shown, so what changes in it stands in `words`:
`InvalidInput("file_empty", "“%(name)s” is empty.", {"name": name})`. What a job stores for a page is the `sentence`:
the template and, where it has words, a line of JSON that holds them.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar


class ToolError(Exception):
    """Something went wrong."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(
        self, code: str, message: str | None = None, words: Mapping[str, object] | None = None, **details: object
    ) -> None:
        self.code = code
        self.template = message or (type(self).__doc__ or "").strip()
        self.words = dict(words or {})
        self.details = details
        super().__init__(f"{code}: {self.message}")

    @property
    def message(self) -> str:
        """The sentence in English."""
        return self.template % self.words if self.words else self.template

    @property
    def sentence(self) -> str:
        """The message as it is stored: `web.error_pages.retold` shows it in the language of the page."""
        if not self.words:
            return self.template
        return f"{self.template}\n{json.dumps({key: str(word) for key, word in self.words.items()})}"


def split_sentence(sentence: str) -> tuple[str, dict[str, str]]:
    """Template and words of a stored sentence."""
    template, _line, words = sentence.partition("\n")
    return template, json.loads(words) if words else {}


class NotAllowed(ToolError):
    """You may not do this."""

    status = HTTPStatus.FORBIDDEN


class NotFound(ToolError):
    """This page or record does not exist, or is not yours to see."""

    status = HTTPStatus.NOT_FOUND


class InvalidInput(ToolError):
    """What was sent cannot be used."""

    status = HTTPStatus.BAD_REQUEST


class PlatformFailed(ToolError):
    """The learning platform did not answer as expected. Please try again later."""

    status = HTTPStatus.BAD_GATEWAY


class ModelFailed(ToolError):
    """The language model did not answer. Please try again later."""

    status = HTTPStatus.BAD_GATEWAY
