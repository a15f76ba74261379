"""What all calls of one agent have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from ..transaction import TimerConfig, TransactionKey
from .recovery_config import RecoveryConfig
from .refer_config import ReferConfig
from .session_terms import SessionTimerConfig

if TYPE_CHECKING:
    from ..auth import Credentials
    from ..info import InfoSupport
    from ..message import Request, Response

__all__ = ["InCallTaker", "InviteConfig"]

_Fields = tuple[tuple[str, str], ...]

InCallTaker = Callable[[str, TransactionKey, "Request", float], None]
"""Takes a request that a call does not answer itself: name of the call, transaction, request, time."""


def _no_others(_method: str) -> InCallTaker | None:
    return None


def _first_wins(_later: Response, _first: Response) -> bool:
    return False


def _own_fields(config: InviteConfig, software_name: str) -> _Fields:
    fields: _Fields = (("Contact", config.contact), ("Allow", config.allow))
    if config.supported:
        fields = (*fields, ("Supported", ", ".join(config.supported)))
    return (*fields, (software_name, config.software)) if config.software else fields


def _request_fields(config: InviteConfig) -> _Fields:
    fields = _own_fields(config, "User-Agent")
    return fields if config.info_packages is None else (*fields, *_recv_info(config))


def _recv_info(config: InviteConfig) -> _Fields:
    return (("Recv-Info", ", ".join(support.name for support in config.info_packages or ())),)


def _response_fields(config: InviteConfig) -> _Fields:
    return _own_fields(config, "Server")


@attrs.frozen(kw_only=True)
class InviteConfig:
    """Header values and limits of every call.

    Attributes:
        contact: Contact value of our own, such as ``<sip:alice@192.0.2.1:5060>``.
        plain_contact: What ``contact`` was before the call led into a conference; empty while it does not.
        allow: Value of Allow: the methods that a call understands.
        software: Value of User-Agent and Server; empty to send neither.
        credentials: What challenges are answered with.
        timers: Timer values.
        ring_interval: Seconds after which a provisional response is sent again, so that no proxy
            gives a ringing call up (RFC 3261 §13.3.1.1).
        max_ringing: Seconds after which an INVITE that nobody has answered counts as expired: its caller may
            be long dead. Its own Expires can only be shorter.
        supported: Option tags that a call knows; ``100rel`` among them is RFC 3262.
        require_reliable: Whether our INVITEs demand reliable provisional responses.
        reinvite_patience: Seconds after which a re-INVITE without final answer is cancelled.
        offer_patience: Seconds that the user has to answer an `OfferReceived`. ``None`` asks nobody:
            each offer is answered at once with the media that the call has.
        accept_undecided: What becomes of an offer that the user has left unanswered: the same, or a
            refusal.
        max_glares: How often a change that met one of the peer is tried again.
        max_redirects: How many redirections one call follows; 0 follows none.
        session_timer: Whether and how sessions are refreshed (RFC 4028).
        refer: Limits of transfers (RFC 3515).
        recovery: How a peer is asked that fell silent; ``None`` ends the call at once.
        max_forks: How many branches of one forked INVITE are kept apart.
        prefers: Whether a later 2xx of a forked INVITE (first argument) takes the place of the one
            before (second). By default the first wins; the others get ACK and BYE.
        info_packages: Info Packages that calls are willing to receive (RFC 6086); ``None`` says nothing of
            packages, and any of the peer gets 469.
        others: Gives for the method of a request inside a call what takes it, where the call does not.
        target_fields: Fields of every request that makes or refreshes a dialog, made of the above.
        answer_fields: The same for responses, where the software is called Server (RFC 3261 §20.35).
    """

    contact: str
    plain_contact: str = ""
    allow: str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE, REFER, NOTIFY"
    software: str = ""
    credentials: tuple[Credentials, ...] = ()
    timers: TimerConfig = attrs.field(factory=TimerConfig)
    ring_interval: float = attrs.field(default=60.0, validator=attrs.validators.gt(0))
    max_ringing: float = attrs.field(default=600.0, validator=attrs.validators.gt(0))
    supported: tuple[str, ...] = ("100rel", "norefersub", "replaces", "timer")
    require_reliable: bool = False
    reinvite_patience: float = attrs.field(default=180.0, validator=attrs.validators.gt(0))
    offer_patience: float | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(0))
    )
    accept_undecided: bool = True
    max_glares: int = attrs.field(default=3, validator=attrs.validators.ge(0))
    max_redirects: int = attrs.field(default=5, validator=attrs.validators.ge(0))
    session_timer: SessionTimerConfig = attrs.field(factory=SessionTimerConfig)
    refer: ReferConfig = attrs.field(factory=ReferConfig)
    recovery: RecoveryConfig | None = None
    max_forks: int = attrs.field(default=32, validator=attrs.validators.ge(1))
    prefers: Callable[[Response, Response], bool] = _first_wins
    info_packages: tuple[InfoSupport, ...] | None = None
    others: Callable[[str], InCallTaker | None] = _no_others

    # Each call sends them twice or more, so they are put together once.
    target_fields: _Fields = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_request_fields, takes_self=True)
    )
    answer_fields: _Fields = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_response_fields, takes_self=True)
    )

    @property
    def invite_fields(self) -> _Fields:
        """Fields of the INVITE that opens a call."""
        require = (("Require", "100rel"),) if self.require_reliable else ()
        return (*self.target_fields, *require)

    def info_fields(self, request: Request) -> _Fields:
        """Return the Recv-Info of a reliable answer; none when the request had none (RFC 6086 §5.2.3)."""
        if self.info_packages is None or request.get("recv-info") is None:
            return ()
        return _recv_info(self)

    def answer_to(self, request: Request) -> _Fields:
        """Return the fields of a 2xx that makes or refreshes a dialog."""
        if self.info_packages is None:
            return self.answer_fields
        return (*self.answer_fields, *self.info_fields(request))
