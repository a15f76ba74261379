"""Via values (RFC 3261 §20.42) with ``rport`` and ``received`` (RFC 3581)."""

from __future__ import annotations

import functools
import re

import attrs

from ..errors import ParseError
from .params import Params, find_param, format_params, parse_params, replace_param, unquote_string

__all__ = ["Via"]

_VIA = re.compile(
    r"SIP[ \t]*+/[ \t]*+2\.0[ \t]*+/[ \t]*+([A-Za-z0-9\-.!%*_+`'~]++)[ \t]++"
    r"(?:\[([0-9A-Fa-f:.]++)\]|([A-Za-z0-9_.\-]++))[ \t]*+(?::[ \t]*+([0-9]{1,5}))?[ \t]*+",
    re.IGNORECASE | re.ASCII,
)


# A peer sends the same protocol and sent-by in every request; of what it can make us remember each
# part is bounded but white space, and the number of them.
@functools.lru_cache(maxsize=1_024)
def _read_sent_by(text: str) -> tuple[str, str, int | None]:
    match = _VIA.fullmatch(text)
    if match is None:
        raise _bad("a Via value cannot be read", "via-parm")
    transport, ipv6, host, port = match.groups()
    number = None if port is None else int(port)
    if number is not None and number > 65_535:
        raise _bad("the port of a Via is above 65535", "port")
    return transport.upper(), ipv6 or host, number


@attrs.define(unsafe_hash=True, init=False)
class Via:
    """One hop that a request went through; not to be changed, only replaced.

    Attributes:
        transport: Transport token in upper case, such as ``UDP``.
        host: Host of sent-by as received; an IPv6 address without its brackets.
        port: Port of sent-by, or None when none is written.
        params: Parameters in order.
        branch: The branch parameter; empty when there is none (RFC 2543 peers).
        has_rport: Whether the sender asks for symmetric response routing (RFC 3581 §3).
    """

    transport: str
    host: str
    port: int | None
    params: Params
    branch: str = attrs.field(eq=False, repr=False)
    has_rport: bool = attrs.field(eq=False, repr=False)

    def __init__(self, transport: str, host: str, port: int | None = None, params: Params = ()) -> None:
        self.transport = transport
        self.host = host
        self.port = port
        self.params = params
        # Every layer asks for these two, so they are looked for once.
        self.branch = ""
        self.has_rport = False
        for name, value in reversed(params):
            if name == "branch":
                self.branch = unquote_string(value) if value else ""
            elif name == "rport":
                self.has_rport = True

    @classmethod
    def parse(cls, text: str) -> Via:
        """Read one Via element.

        Raises:
            ParseError: The text does not follow ``via-parm``.
        """
        sent, _, params = text.partition(";")
        transport, host, port = _read_sent_by(sent)
        return cls(transport, host, port, parse_params(params, "via"))

    @property
    def received(self) -> str | None:
        """The address that the request came from; brackets are tolerated and removed (RFC 5118 §4.5)."""
        value = find_param(self.params, "received")
        return value.strip("[]") if value else None

    @property
    def rport(self) -> int | None:
        """The filled-in source port, or None when absent, still empty or not a port."""
        value = find_param(self.params, "rport")
        if not value or not (value.isascii() and value.isdecimal()) or len(value) > 5:
            return None
        return int(value)

    @property
    def sent_by(self) -> tuple[str, int]:
        """Lower-case host and port, with the transport's default port filled in, for comparing."""
        port = self.port
        if port is None:
            port = 5061 if self.transport in ("TLS", "WSS") else 5060
        return self.host.lower(), port

    def stamped(self, source_host: str, source_port: int) -> Via:
        """Give the value that a server writes down on receipt (RFC 3261 §18.2.1, RFC 3581 §4).

        Args:
            source_host: Address the request came from; IPv6 without brackets.
            source_port: Port the request came from.
        """
        if self.has_rport:
            params = replace_param(self.params, "rport", str(source_port))
        elif self.host == source_host or self.host.lower() == source_host.lower():
            return self
        else:
            params = self.params
        return Via(self.transport, self.host, self.port, replace_param(params, "received", source_host))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/2.0/{self.transport} {host}{port}{format_params(self.params)}"


def _bad(message: str, rule: str) -> ParseError:
    return ParseError(message, error_class="header-syntax", rule=f"RFC 3261 §25.1 {rule}", header="via")
