"""Error replies: a code for programs, words for people, and the field at fault."""

from __future__ import annotations

import logging
from typing import Literal, TypeAlias

import attrs

from trio_runtime.base.errors import (
    CallError,
    CallRejected,
    CallStateError,
    CallTimedOut,
    ConfigurationError,
    InvalidUriError,
    LimitExceededError,
    MediaError,
    NetworkError,
    PortsExhaustedError,
    RequestTimedOutError,
    SdpError,
    SessionNotFoundError,
    SipFailure,
    UnsupportedError,
    VoipError,
)
from trio_runtime.control.forms.form import FormError

__all__ = ["CommandError", "ErrorCode", "ErrorInfo", "error_info"]

ErrorCode: TypeAlias = Literal[
    "malformed",
    "unknown_command",
    "invalid",
    "unauthorized",
    "forbidden",
    "too_fast",
    "limit",
    "not_found",
    "wrong_state",
    "refused",
    "timed_out",
    "ended",
    "network",
    "media",
    "unsupported",
    "failed",
    "internal",
]
"""``malformed`` is no command at all, ``invalid`` one with a wrong field, ``internal`` a fault of ours."""

logger = logging.getLogger("trio_runtime")


@attrs.frozen
class ErrorInfo:
    """Why a command was not done.

    Attributes:
        code: For programs.
        message: For people.
        field: The field at fault; null when it is none in particular.
        status_code: What the peer has answered; null when it is not about that.
    """

    code: ErrorCode
    message: str
    field: str | None = None
    status_code: int | None = None


class CommandError(VoipError):
    """A command that cannot be done.

    Attributes:
        info: What is answered.
    """

    def __init__(self, code: ErrorCode, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.info = ErrorInfo(code, message, field)


# The first that fits counts.
_CODES: tuple[tuple[type[VoipError], ErrorCode], ...] = (
    (FormError, "invalid"),
    (ConfigurationError, "invalid"),
    (InvalidUriError, "invalid"),
    (SessionNotFoundError, "not_found"),
    (CallStateError, "wrong_state"),
    (LimitExceededError, "limit"),
    (PortsExhaustedError, "limit"),
    (CallRejected, "refused"),
    (SipFailure, "refused"),
    (CallTimedOut, "timed_out"),
    (RequestTimedOutError, "timed_out"),
    (CallError, "ended"),
    (NetworkError, "network"),
    (MediaError, "media"),
    (SdpError, "media"),
    (UnsupportedError, "unsupported"),
    (VoipError, "failed"),
)


def error_info(error: Exception) -> ErrorInfo:
    """Return what is answered for an error; one that is no `VoipError` is a fault of ours, and logged."""
    if isinstance(error, CommandError):
        return error.info
    for kind, code in _CODES:
        if isinstance(error, kind):
            field = getattr(error, "field", None) or None
            return ErrorInfo(code, str(error), field, getattr(error, "status_code", None))
    logger.error("a command of the API failed", exc_info=error)
    return ErrorInfo("internal", type(error).__name__)
