"""Refer-To, Referred-By and Refer-Sub (RFC 3515 §2.1, RFC 3892 §3, RFC 4488 §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import attrs

from ..errors import ParseError
from ..message import AnyUri, NameAddr, Uri, unescape
from ._reading import fault, only_value, split_value
from .dialog_match import Replaces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..message import Message

__all__ = ["ReferTo", "ReferredBy", "refer_sub_of"]

_UNESCAPED = "-_.!~*'()[]/?:+$"  # what a header part of a URI may hold as it is (RFC 3261 §25.1 hvalue)
_REFER_TO_RULE = "RFC 3515 §2.4.2"

_NOT_TO_BE_HONOURED: Final = frozenset(
    {
        "accept", "accept-encoding", "accept-language", "allow", "authorization", "body", "call-id",
        "contact", "content-disposition", "content-encoding", "content-length", "content-type", "cseq",
        "from", "max-forwards", "organization", "proxy-authorization", "record-route", "referred-by",
        "route", "supported", "to", "user-agent", "via",
    }
)  # fmt: skip
"""Header parts of a foreign URI that would lie about who we are or break the request (RFC 3261 §19.1.5)."""


@attrs.frozen
class ReferTo:
    """What the recipient of a REFER shall contact.

    Attributes:
        address: The address with the URI as it stands.
    """

    address: NameAddr

    @classmethod
    def to(
        cls, uri: str, *, method: str = "", replaces: Replaces | None = None,
        headers: Iterable[tuple[str, str]] = (),
    ) -> ReferTo:  # fmt: skip
        """Make a value.

        Args:
            uri: URI to contact.
            method: Method to use, INVITE when empty.
            replaces: The call of the target that the new one shall replace (attended transfer).
            headers: More header fields for the request, unescaped.

        Raises:
            ParseError: The URI cannot be read.
        """
        address = NameAddr.parse(f"<{uri}>", "refer-to")
        if not isinstance(address.uri, Uri):
            return cls(address)
        pairs = [*headers, *([("Replaces", str(replaces))] if replaces is not None else [])]
        parts = tuple((quote(name, safe=_UNESCAPED), quote(value, safe=_UNESCAPED)) for name, value in pairs)
        params = (*address.uri.params, ("method", method)) if method else address.uri.params
        changed = attrs.evolve(address.uri, params=params, headers=(*address.uri.headers, *parts))
        return cls(NameAddr(changed))

    @classmethod
    def parse(cls, text: str) -> ReferTo:
        """Read a value.

        Raises:
            ParseError: It is no address.
        """
        return cls(NameAddr.parse(text, "refer-to"))

    @classmethod
    def of(cls, message: Message) -> ReferTo:
        """Return the value in a REFER.

        Raises:
            ParseError: There is not exactly one (status 400, §2.4.2), or it cannot be read.
        """
        values = message.values("refer-to")
        if len(values) != 1:
            raise fault(f"{len(values)} Refer-To values", "refer-to", _REFER_TO_RULE)
        return cls.parse(values[0])

    @property
    def uri(self) -> AnyUri:
        """The URI with its header parts."""
        return self.address.uri

    @property
    def method(self) -> str:
        """The method to use: what the URI says, else INVITE."""
        uri = self.uri
        return (uri.param("method") or "INVITE") if isinstance(uri, Uri) else "INVITE"

    @property
    def target(self) -> str:
        """The Request-URI: without header parts and ``method``."""
        uri = self.uri
        if not isinstance(uri, Uri):
            return str(uri)
        params = tuple(pair for pair in uri.params if unescape(pair[0]).lower() != "method")
        return str(attrs.evolve(uri, params=params, headers=()))

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Header fields that the request shall carry, unescaped, without the dangerous ones."""
        parts = self.uri.headers if isinstance(self.uri, Uri) else ()
        pairs = [(unescape(name), unescape(value)) for name, value in parts if value]
        return tuple(pair for pair in pairs if pair[0].lower() not in _NOT_TO_BE_HONOURED)

    @property
    def replaces(self) -> Replaces | None:
        """The dialog that the request shall replace, ``None`` when there is none or it is damaged."""
        for name, value in self.headers:
            if name.lower() == "replaces":
                try:
                    return Replaces.parse(value)
                except ParseError:
                    return None
        return None

    def __str__(self) -> str:
        return str(self.address)


@attrs.frozen
class ReferredBy:
    """Who asked for a request.

    Attributes:
        address: The referrer; not proven by anything unless the token is checked.
    """

    address: NameAddr

    @classmethod
    def parse(cls, text: str) -> ReferredBy:
        """Read a value.

        Raises:
            ParseError: It is no address.
        """
        return cls(NameAddr.parse(text, "referred-by"))

    @classmethod
    def of(cls, message: Message) -> ReferredBy | None:
        """Return the value in a message, ``None`` when there is none.

        Raises:
            ParseError: It cannot be read, or stands twice (RFC 3892 §2.1).
        """
        text = only_value(message, "referred-by", "RFC 3892 §2.1")
        return None if text is None else cls.parse(text)

    @property
    def content_id(self) -> str:
        """Content-ID of the body part with the token, in angle brackets; empty when there is none."""
        cid = self.address.param("cid")
        return f"<{cid}>" if cid else ""

    def __str__(self) -> str:
        return str(self.address)


def refer_sub_of(message: Message) -> bool:
    """Return whether a REFER asks for a subscription, or its 2xx grants one; absent means yes.

    Raises:
        ParseError: The value is neither ``true`` nor ``false``, or stands twice.
    """
    text = only_value(message, "refer-sub", "RFC 4488 §4")
    value = "true" if text is None else split_value(text, "refer-sub")[0].lower()
    if value not in ("true", "false"):
        raise fault(f"Refer-Sub {value[:20]!r}", "refer-sub", "RFC 4488 §4")
    return value == "true"
