"""Who speaks, where one agent speaks for several: an address, its passwords, and its way out (CLI-8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import attrs

from ..message import NameAddr, Uri, uris_equal
from ..subscribe import PublishOrder, SubscribeOrder
from ..subscribe.conference import as_focus
from .checks import is_address, is_uri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..auth import Credentials
    from ..invite import InviteConfig
    from ..register import Registration
    from ..subscribe import SubscribeConfig
    from .config import AgentConfig

__all__ = ["Sender", "Voice", "config_of", "contact_for", "focus_contact", "spoken_by", "voice_of"]

_Order = TypeVar("_Order", bound=SubscribeOrder | PublishOrder)


@attrs.frozen(kw_only=True)
class Sender:
    """Who makes a call or sends a request, instead of the agent's own address.

    Attributes:
        address: From value, such as ``<sip:alice@example.com>``.
        credentials: What challenges are answered with.
        outbound_proxy: URI that requests are routed through while no registration knows better, or empty.
        registrations: Names of registrations of ``address``. The first one that is up gives the way: the
            edge that it goes through, then its Service-Route (RFC 3608 §6.1, RFC 5626 §4.3).
    """

    address: str = attrs.field(validator=is_address)
    credentials: tuple[Credentials, ...] = ()
    outbound_proxy: str = attrs.field(default="", validator=is_uri)
    registrations: tuple[str, ...] = ()

    @property
    def uri(self) -> str:
        """The URI of ``address``."""
        return str(NameAddr.parse(self.address).uri)


class Voice(NamedTuple):
    """What a sender amounts to now."""

    address: str
    contact: str
    credentials: tuple[Credentials, ...]
    routes: tuple[str, ...]

    @property
    def route_fields(self) -> list[tuple[str, str]]:
        """The Route header fields of a request."""
        return [("Route", value) for value in self.routes]


def config_of(config: InviteConfig, voice: Voice, *, reliable: bool) -> InviteConfig:
    """Return what a call of a voice needs; ``reliable`` says whether it may ring reliably (RFC 3262)."""
    if (voice.contact, voice.credentials) != (config.contact, config.credentials):
        config = attrs.evolve(config, contact=voice.contact, credentials=voice.credentials)
    if not reliable:
        supported = tuple([tag for tag in config.supported if tag != "100rel"])
        config = attrs.evolve(config, supported=supported, require_reliable=False)
    return config


def contact_for(config: AgentConfig, address: str, *, outbound: bool = False) -> str:
    """Return the Contact value under which an agent is there for an address.

    Args:
        config: The agent's.
        address: Address of record as a From value.
        outbound: Whether requests of the dialog have to come by the flow that made it (RFC 5626 §4.3).
    """
    own, uri = NameAddr.parse(config.contact), NameAddr.parse(address).uri
    if not isinstance(own.uri, Uri) or not isinstance(uri, Uri):
        return config.contact
    params = (*own.uri.params, ("ob", None)) if outbound else own.uri.params
    return str(attrs.evolve(own, uri=attrs.evolve(own.uri, user=uri.user, params=params)))


def focus_contact(config: AgentConfig, focus: str) -> str:
    """Return the Contact value of a focus, for the URI of its conference (RFC 4579 §3.1)."""
    return str(as_focus(NameAddr.parse(contact_for(config, f"<{focus}>"))))


def voice_of(config: AgentConfig, sender: Sender | None, registrations: Sequence[Registration]) -> Voice:
    """Return what goes into the requests of a sender.

    Args:
        config: The agent's, which is meant where there is no sender.
        sender: Who speaks.
        registrations: His, as far as they are up.
    """
    if sender is None:
        return Voice(config.address, config.contact, config.credentials, _proxy(config.outbound_proxy))
    first = registrations[0] if registrations else None
    contact = contact_for(config, sender.address, outbound=first is not None and first.uses_outbound)
    routes = () if first is None else _joined(first.config.route, first.service_route)
    return Voice(sender.address, contact, sender.credentials, routes or _proxy(sender.outbound_proxy))


def spoken_by(voice: Voice | None, config: SubscribeConfig, order: _Order) -> tuple[SubscribeConfig, _Order]:
    """Return what a subscription or publication is made with when somebody in particular makes it.

    Args:
        voice: Who; None is the agent itself, by the way that the order names.
        config: What all usages of the agent share.
        order: What is wanted.
    """
    if voice is None:
        return config, order
    fields = (*voice.route_fields, *order.fields)
    config = attrs.evolve(config, contact=voice.contact, credentials=voice.credentials)
    return config, attrs.evolve(order, from_=voice.address, fields=fields)


def _proxy(uri: str) -> tuple[str, ...]:
    return (f"<{uri};lr>",) if uri else ()


def _joined(edge: tuple[str, ...], service: tuple[str, ...]) -> tuple[str, ...]:
    """Return the service route behind the edge (RFC 3608 §6.1); one that begins with the edge is enough."""
    if edge and service and uris_equal(NameAddr.parse(edge[0]).uri, NameAddr.parse(service[0]).uri):
        return service
    return (*edge, *service)
