"""Configuration of an agent, checked when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..invite import RecoveryConfig, ReferConfig, SessionTimerConfig
from ..limits import Limits
from ..message import ParseMode
from ..message.names import is_token
from ..outbound import OwnAddress
from ..resolve import ResolverConfig
from ..transaction import TimerConfig
from .checks import is_address, is_uri
from .methods import ANY_EXTENSION, CALL_METHODS, KEPT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..admission import AdmissionConfig
    from ..auth import AuthenticationConfig, Credentials
    from ..info import InfoSupport
    from ..pager import PagerConfig
    from ..register import RegistrarConfig
    from ..subscribe import CompositorConfig, EventPackage

    _SentBy = Mapping[str, tuple[str, int]]

__all__ = ["AgentConfig"]


_TRANSPORTS = frozenset({"UDP", "TCP", "TLS", "WS", "WSS"})


def _are_transports(_config: object, field: attrs.Attribute[_SentBy], value: _SentBy) -> None:
    if not value or not value.keys() <= _TRANSPORTS:
        raise ValueError(f"{field.name} names no transport, or others than {', '.join(sorted(_TRANSPORTS))}")


def _are_free(config: AgentConfig, field: attrs.Attribute[frozenset[str]], value: frozenset[str]) -> None:
    for method in value:
        if not is_token(method):
            raise ValueError(f"{field.name}: {method!r} is no method")
    taken = value & {*KEPT, *config.served}
    if taken:
        raise ValueError(f"{field.name}: {', '.join(sorted(taken))} is answered by the agent itself")


@attrs.frozen(kw_only=True)
class AgentConfig:
    """Who the agent is and what it puts up with.

    Attributes:
        address: Its address of record as a From value, such as ``<sip:alice@example.com>``.
        contact: Contact value that reaches it, such as ``<sip:alice@192.0.2.1:5060>``.
        sent_by: For each transport that exists, the host and port for Via.
        own_addresses: More about the addresses in ``sent_by``, where a transport has several.
        software: Value of User-Agent and Server, empty to send neither.
        credentials: What challenges are answered with.
        outbound_proxy: URI that every request outside of a dialog is routed through, or empty.
        resolver: How names are resolved, and how long what failed is avoided (RFC 3263).
        timers: Timer values.
        limits: Limits on messages.
        mode: Whether deviations of peers are forgiven.
        require_reliable: Whether calls demand reliable provisional responses (RFC 3262).
        max_ringing: Seconds after which an INVITE that nobody has answered counts as expired.
        offer_patience: Seconds that the user has to answer an `OfferReceived`; 0 is the time until
            timers run. ``None`` asks nobody: each offer inside a call is answered at once with the
            media that the call has.
        accept_undecided: What becomes of an offer that the user left unanswered: the same, or a refusal.
        max_redirects: How many redirections (3xx) one call follows. With 0 the user hears of the 302,
            and no stranger decides whom we call.
        session_timer: Whether and how sessions are refreshed (RFC 4028).
        refer: Limits of transfers (RFC 3515).
        accept_replaces: Whether a new call may take the place of another when the user answers it (RFC
            3891), or ask to be added to one (RFC 3911); else such wishes are not understood.
        recovery: How a peer is asked that fell silent in a call; ``None`` ends the call at once, as RFC
            3261 §12.2.1.2 has it.
        max_calls: Calls at once; more get 503.
        max_transactions: Server transactions at once; more get 503.
        max_foci: Conferences at once that we are the focus of; one more is the user's mistake.
        refers: Whether REFERs outside of dialogs are taken: `ReferRequested` asks about each. Else they get
            481, or what ``handed_over`` says.
        retry_after: Seconds that a 503 asks a caller to wait.
        event_packages: Event packages that others may subscribe to; none answers SUBSCRIBE with 405.
        max_subscriptions: Subscriptions to us at once; more get 503.
        registrar: What is registered here; without it REGISTER gets 405.
        compositor: What may be published here; without it PUBLISH gets 405.
        notify_published: Whether what is published reaches the watchers of its resource by itself, and who
            subscribes to it is let in at once. Else the user does both, told by `StatePublished` and
            `SubscriptionRequested`.
        pager: Which messages are taken (RFC 3428); without it MESSAGE gets 405, and some can still be sent.
        info_packages: Info Packages that calls are willing to receive (RFC 6086). ``None`` says nothing of
            packages, as a phone of RFC 2976 does; then, too, one that comes all the same gets 469.
        handed_over: Methods that the application answers itself, outside of dialogs and, where calls do
            not answer them, in calls: `RequestHandedOver`. ``*`` stands for every unknown one, which
            otherwise gets 501. With ``INFO`` calls answer none themselves.
        answer_patience: Seconds that the application has for that; then the answer is 500.
        max_handed_over: Requests that wait for the application at once; more get 503.
        authentication: Which requests need credentials, and whose; ``None`` asks nobody.
        admission: Limits on new work, and what is not even read; ``None`` takes whatever there is room for.
    """

    address: str = attrs.field(validator=is_address)
    contact: str = attrs.field(validator=is_address)
    sent_by: _SentBy = attrs.field(validator=_are_transports)
    own_addresses: tuple[OwnAddress, ...] = ()
    software: str = ""
    credentials: tuple[Credentials, ...] = ()
    outbound_proxy: str = attrs.field(default="", validator=is_uri)
    resolver: ResolverConfig = attrs.field(factory=ResolverConfig)
    timers: TimerConfig = attrs.field(factory=TimerConfig)
    limits: Limits = attrs.field(factory=Limits)
    mode: ParseMode = ParseMode.LENIENT
    require_reliable: bool = False
    max_ringing: float = attrs.field(default=600.0, validator=attrs.validators.gt(0))
    offer_patience: float | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(0))
    )
    accept_undecided: bool = True
    max_redirects: int = attrs.field(default=5, validator=attrs.validators.ge(0))
    session_timer: SessionTimerConfig = attrs.field(factory=SessionTimerConfig)
    refer: ReferConfig = attrs.field(factory=ReferConfig)
    accept_replaces: bool = True
    recovery: RecoveryConfig | None = None
    max_calls: int = attrs.field(default=100_000, validator=attrs.validators.ge(1))
    max_transactions: int = attrs.field(default=1_000_000, validator=attrs.validators.ge(1))
    event_packages: tuple[EventPackage, ...] = ()
    max_subscriptions: int = attrs.field(default=100_000, validator=attrs.validators.ge(1))
    max_foci: int = attrs.field(default=100_000, validator=attrs.validators.ge(1))
    refers: bool = False
    retry_after: int = attrs.field(default=5, validator=attrs.validators.ge(0))
    registrar: RegistrarConfig | None = None
    compositor: CompositorConfig | None = None
    notify_published: bool = True
    pager: PagerConfig | None = None
    info_packages: tuple[InfoSupport, ...] | None = None
    handed_over: frozenset[str] = attrs.field(default=frozenset(), validator=_are_free)
    answer_patience: float = attrs.field(
        default=10.0, validator=[attrs.validators.gt(0), attrs.validators.lt(32)]
    )
    max_handed_over: int = attrs.field(default=10_000, validator=attrs.validators.ge(1))
    authentication: AuthenticationConfig | None = None
    admission: AdmissionConfig | None = None

    @property
    def served(self) -> tuple[str, ...]:
        """Methods that the agent answers itself because something is configured for them."""
        wanted = {
            "SUBSCRIBE": bool(self.event_packages),
            "REGISTER": self.registrar is not None,
            "PUBLISH": self.compositor is not None,
            "MESSAGE": self.pager is not None,
        }
        return tuple([method for method, given in wanted.items() if given])

    @property
    def methods(self) -> tuple[str, ...]:
        """What Allow names; NOTIFY answers our own subscriptions."""
        named = (*CALL_METHODS, "NOTIFY", *self.served)
        return (*named, *sorted(self.handed_over.difference(named, (ANY_EXTENSION,))))
