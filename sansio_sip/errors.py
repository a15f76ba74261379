"""Errors of the SIP core: one tree, two branches, parse errors with a place and a rule."""

from __future__ import annotations

__all__ = ["LocalProtocolError", "NoSuchCallError", "ParseError", "ProtocolError", "RemoteProtocolError"]


class ProtocolError(Exception):
    """Anything that breaks a rule of SIP or SDP."""


class LocalProtocolError(ProtocolError):
    """The caller asked for something that the protocol or the state forbids; nothing was changed."""


class NoSuchCallError(LocalProtocolError):
    """A verb names a call that there is not, or not any more."""


class RemoteProtocolError(ProtocolError):
    """The peer sent something that the protocol forbids.

    Attributes:
        status_hint: The status code that answers such a request.
    """

    def __init__(self, message: str, *, status_hint: int = 400) -> None:
        super().__init__(message)
        self.status_hint = status_hint


class ParseError(RemoteProtocolError):
    """Octets that are not the message, header or description they should be.

    Attributes:
        error_class: What kind of rule was broken, such as ``start-line`` or ``cseq``.
        rule: The grammar rule or RFC section that was broken.
        position: Offset of the octet or character at fault, where known.
        header: Name of the header field at fault, where there is one.
        partial: As much of the message as could be read, a `Request` or `Response`, so that a
            request can still be refused. The errors stand below the messages, hence no closer type.
    """

    def __init__(
        self,
        message: str,
        *,
        error_class: str,
        rule: str,
        position: int | None = None,
        header: str | None = None,
        status_hint: int = 400,
        partial: object | None = None,
    ) -> None:
        super().__init__(message, status_hint=status_hint)
        self.error_class = error_class
        self.rule = rule
        self.position = position
        self.header = header
        self.partial = partial
