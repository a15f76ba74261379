"""Why a connection did not come about."""

from __future__ import annotations

from trio_runtime.base.errors import NetworkError

__all__ = ["CertificateError", "ConnectionFailedError", "FailureCause"]


class ConnectionFailedError(NetworkError):
    """A connection to a peer could not be opened, or the peer does not speak SIP over it."""


class CertificateError(ConnectionFailedError):
    """The certificate of a peer cannot be accepted.

    Attributes:
        problem: ``expired``, ``not yet valid``, ``wrong name``, ``self-signed``, ``unknown authority``,
            ``missing`` or another word of the verification.
        server_name: The domain that it should have named.
    """

    def __init__(self, message: str, *, problem: str, server_name: str) -> None:
        super().__init__(message)
        self.problem = problem
        self.server_name = server_name


class FailureCause(str):
    """Why a connection failed, in words, with the error behind it: the pure packages carry words only.

    Attributes:
        error: The error.
    """

    __slots__ = ("error",)

    error: NetworkError

    def __new__(cls, error: NetworkError) -> FailureCause:
        """Take the words of an error."""
        cause = super().__new__(cls, str(error))
        cause.error = error
        return cause
