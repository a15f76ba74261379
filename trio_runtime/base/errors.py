"""One tree of errors: what the runtime raises on purpose is a `VoipError` whose text is one clear line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trio_runtime.base.types import SessionId

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd

__all__ = [
    "AudioFileError",
    "CallCancelled",
    "CallEnded",
    "CallError",
    "CallRejected",
    "CallStateError",
    "CallTimedOut",
    "ConfigurationError",
    "InvalidUriError",
    "LimitExceededError",
    "MediaError",
    "NetworkError",
    "PortInUseError",
    "PortsExhaustedError",
    "RequestTimedOutError",
    "ResolutionError",
    "SdpError",
    "SessionNotFoundError",
    "SipFailure",
    "UnsupportedError",
    "VoipError",
]


class VoipError(Exception):
    """Base of every error that the runtime raises on purpose.

    Attributes:
        session_id: The session it happened in, where there is one.
        context: Further facts for a log, such as an address or a header name; never a secret.
    """

    def __init__(
        self,
        message: str,
        *,
        session_id: SessionId | None = None,
        context: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.session_id = session_id
        self.context: Mapping[str, object] = dict(context or {})


class ConfigurationError(VoipError):
    """A configuration value cannot be used.

    Attributes:
        field: The name of the field at fault, with what it was loaded from.
        problem: What is wrong with it.
    """

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.problem = message


class NetworkError(VoipError):
    """A socket could not be opened or an address could not be reached."""


class PortInUseError(NetworkError):
    """Another program holds the port."""


class PortsExhaustedError(NetworkError):
    """No media port is left in the configured range."""


class ResolutionError(NetworkError):
    """A host name has no address."""


class InvalidUriError(VoipError):
    """A text is not a SIP URI that can be called."""


class MediaError(VoipError):
    """Audio could not be sent, received or converted."""


class MediaMismatchError(MediaError):
    """The media of two calls cannot pass from one to the other without being decoded.

    Attributes:
        differences: What does not agree, each in a few words.
    """

    def __init__(self, message: str, *, differences: tuple[str, ...]) -> None:
        super().__init__(message)
        self.differences = differences


class AudioFileError(MediaError):
    """An audio file cannot be read or written."""


class SdpError(VoipError):
    """No session description could be agreed on."""


class CallStateError(VoipError):
    """The call is not in a state that allows the verb; nothing was changed."""


class SessionNotFoundError(VoipError):
    """No session has that identifier (any more)."""


class LimitExceededError(VoipError):
    """A configured `max_*` is reached."""


class UnsupportedError(VoipError):
    """The peer or this program cannot do what was asked."""


class RequestTimedOutError(VoipError):
    """A request outside a call was never answered."""


class SipFailure(VoipError):
    """A request was answered with a failure.

    Attributes:
        status_code: The SIP status code, 300 to 699.
        reason: The reason phrase as received.
    """

    def __init__(self, status_code: int, reason: str, *, session_id: SessionId | None = None) -> None:
        super().__init__(f"{status_code} {reason}".rstrip(), session_id=session_id)
        self.status_code = status_code
        self.reason = reason


class CallError(VoipError):
    """A call did not come about or is over."""


class CallRejected(CallError):
    """The call was refused.

    Attributes:
        status_code: The SIP status code, 300 to 699.
        reason: The reason phrase as received.
    """

    def __init__(self, status_code: int, reason: str, *, session_id: SessionId | None = None) -> None:
        super().__init__(f"call rejected: {status_code} {reason}".rstrip(), session_id=session_id)
        self.status_code = status_code
        self.reason = reason


class CallTimedOut(CallError):
    """Nobody answered the call in time."""


class CallCancelled(CallError):
    """The call was given up before it was answered."""


class CallEnded(CallError):
    """The call ended while something still needed it.

    Attributes:
        end: The value with which the signalling says how it ended.
    """

    def __init__(
        self, message: str, *, end: CallEnd | None = None, session_id: SessionId | None = None
    ) -> None:
        super().__init__(message, session_id=session_id)
        self.end = end
