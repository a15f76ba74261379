"""Limits on what a peer may make us hold, each with its reason."""

from __future__ import annotations

import attrs

__all__ = ["DEFAULT_LIMITS", "Limits"]


@attrs.frozen(kw_only=True)
class Limits:
    """Upper bounds for one message.

    Attributes:
        max_message: Octets of a whole message. A UDP datagram cannot be longer, so nothing that
            works over UDP is refused over a stream.
        max_headers: Header fields. Real calls through many proxies carry fewer than 100.
        max_header_length: Characters of one unfolded header field; Identity and Geolocation need
            a few thousand.
        max_uri_length: Characters of one URI; the longest of RFC 4475 has about 500.
        max_body: Octets of a body.
        max_list: Elements of one comma-separated list; bounds Via, Route and Contact.
    """

    max_message: int = attrs.field(default=65_535, validator=attrs.validators.ge(256))
    max_headers: int = attrs.field(default=256, validator=attrs.validators.ge(8))
    max_header_length: int = attrs.field(default=8_192, validator=attrs.validators.ge(64))
    max_uri_length: int = attrs.field(default=2_048, validator=attrs.validators.ge(16))
    max_body: int = attrs.field(default=65_535, validator=attrs.validators.ge(0))
    max_list: int = attrs.field(default=128, validator=attrs.validators.ge(1))


DEFAULT_LIMITS = Limits()
