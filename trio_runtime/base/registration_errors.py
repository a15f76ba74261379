"""Why an address could not be registered."""

from __future__ import annotations

from trio_runtime.base.connection_errors import FailureCause
from trio_runtime.base.errors import NetworkError, RequestTimedOutError, SipFailure, VoipError

__all__ = ["NotRegisteredError", "RegistrationEnded", "RegistrationRejected", "registration_error"]


class NotRegisteredError(VoipError):
    """A user of our own domains is called, and has no phone that is registered now."""


class RegistrationRejected(SipFailure):
    """The registrar refused; `status_code` and `reason` are its answer."""


class RegistrationEnded(VoipError):
    """The registration is over while somebody waits for it."""


def registration_error(uri: str, status_code: int, reason: str, *, answered: bool) -> VoipError:
    """Return the error for a try that failed.

    Args:
        uri: The address of record.
        status_code: Of the answer, or 408 when none came and 503 when nothing could be sent.
        reason: Its phrase, or the cause.
        answered: Whether there was an answer.
    """
    if answered:
        return RegistrationRejected(status_code, f"{reason} (registering {uri})")
    if isinstance(reason, FailureCause):
        return reason.error
    if status_code == 408:
        return RequestTimedOutError(f"registering {uri}: {reason}")
    return NetworkError(f"registering {uri}: {reason}")
