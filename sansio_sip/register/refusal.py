"""Why a registrar refuses a request."""

from __future__ import annotations

from ..errors import RemoteProtocolError

__all__ = ["Refusal"]


class Refusal(RemoteProtocolError):
    """A REGISTER is answered with a failure.

    Attributes:
        fields: Header fields of the answer.
    """

    def __init__(self, status_code: int, message: str, fields: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message, status_hint=status_code)
        self.fields = fields
