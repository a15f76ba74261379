"""An account: an address of record, what it signs in with, and where it is registered."""

from __future__ import annotations

from typing import Any

import attrs

from sansio_sip.errors import ParseError
from sansio_sip.message import Uri
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import any_of, between, flag, line, optional, secret, text

__all__ = ["Account"]

_MAX_EXPIRES = 2**32 - 1


def _sip_uri(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept a SIP URI."""
    try:
        uri = Uri.parse(str(value))
    except ParseError as error:
        raise ConfigurationError(f"is no SIP URI: {value!r} ({error})", field=attribute.name) from error
    if uri.headers:
        raise ConfigurationError(f"must have no header parts: {value!r}", field=attribute.name)


def _of_a_user(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    _sip_uri(_, attribute, value)
    if not Uri.parse(str(value)).user:
        raise ConfigurationError(f"has no user: {value!r}", field=attribute.name)


def _of_a_server(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    _sip_uri(_, attribute, value)
    if Uri.parse(str(value)).user:
        raise ConfigurationError(f"names a user: {value!r}", field=attribute.name)


@attrs.frozen
class Account:
    """Who we are somewhere: a coordinator may have any number.

    Attributes:
        uri: Address of record, such as ``sip:alice@example.com``.
        display_name: Name shown to the called party; empty for none.
        username: Name for digest authentication; None uses the user of `uri`.
        password: Secret for digest authentication; never shown. None answers no challenge.
        realm: Realm that the credentials are for; None any.
        registrar: URI of the registrar; None is the domain of `uri`.
        outbound_proxy: URI that requests outside a dialog are sent to; None sends to their targets.
        edges: URIs of edge proxies; a flow is registered over each, and calls go by the first that is up.
        outbound: Whether registrations name the flow that we can be reached by, as from behind a NAT or
            from a browser; with `edges` they do.
        instance: URN of this phone, such as ``urn:uuid:…``, which stays when it starts anew; None makes one.
        expires: Seconds to register for.
        retry_base: Seconds from which the waits after failures grow.
    """

    uri: str = attrs.field(validator=_of_a_user)
    display_name: str = attrs.field(default="", validator=line, kw_only=True)
    username: str | None = attrs.field(default=None, validator=optional(text), kw_only=True)
    password: str | None = attrs.field(default=None, repr=False, validator=secret, kw_only=True)
    realm: str | None = attrs.field(default=None, validator=optional(text), kw_only=True)
    registrar: str | None = attrs.field(default=None, validator=optional(_of_a_server), kw_only=True)
    outbound_proxy: str | None = attrs.field(default=None, validator=optional(_sip_uri), kw_only=True)
    edges: tuple[str, ...] = attrs.field(default=(), validator=any_of(_sip_uri), kw_only=True)
    outbound: bool = attrs.field(default=False, validator=flag, kw_only=True)
    instance: str | None = attrs.field(default=None, validator=optional(text), kw_only=True)
    expires: int = attrs.field(default=3_600, validator=between(1, _MAX_EXPIRES, " s"), kw_only=True)
    retry_base: float = attrs.field(default=30.0, validator=between(0.1, 1_800, " s"), kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Check what concerns two fields, and the form of the instance."""
        if self.edges and self.outbound_proxy is not None:
            raise ConfigurationError("there are edges already", field="outbound_proxy")
        if len(set(self.edges)) < len(self.edges):
            raise ConfigurationError("names one twice", field="edges")
        if self.instance is not None and not self.instance.lower().startswith("urn:"):
            raise ConfigurationError(f"must be a URN, not {self.instance!r}", field="instance")

    @property
    def uses_flows(self) -> bool:
        """Whether its registrations are of flows."""
        return self.outbound or bool(self.edges)
