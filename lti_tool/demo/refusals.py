"""How the course site says no: a page for people, a short answer for machines, or a message back to the tool."""

from http import HTTPStatus


class Refused(Exception):
    """The request is answered with this status and this sentence."""

    def __init__(self, reason: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        self.reason = reason
        self.status = status
        super().__init__(reason)


class ServiceRefused(Refused):
    """A service request is refused; Moodle's body is then an empty list."""


class LoginRefused(Exception):
    """The tool's authorization request is refused, and told so at its redirect address."""

    def __init__(self, redirect_uri: str, state: str | None, error: str, description: str) -> None:
        self.redirect_uri = redirect_uri
        self.fields = {"error": error, "error_description": description}
        if state is not None:
            self.fields["state"] = state
        super().__init__(description)
