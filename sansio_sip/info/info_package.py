"""The Info-Package and Recv-Info headers (RFC 6086 §7, §9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..errors import ParseError
from ..message import Params
from ..message.names import is_token
from ..message.params import format_params, parse_params

if TYPE_CHECKING:
    from ..message import Message, Request

__all__ = ["InfoPackage", "info_package_of", "recv_info_of"]


@attrs.frozen
class InfoPackage:
    """One Info Package with its parameters.

    Attributes:
        name: Its name; case-sensitive, and all that is compared (§7.2).
        params: Parameters in order.
    """

    name: str
    params: Params = ()

    @classmethod
    def parse(cls, text: str, header: str) -> InfoPackage:
        """Read one value.

        Raises:
            ParseError: The name is no token, or a parameter cannot be read.
        """
        name, _, rest = text.partition(";")
        name = name.strip(" \t")
        if not is_token(name):
            raise _bad(f"{text[:80]!r} names no Info Package", header)
        return cls(name, parse_params(rest, header))

    def __str__(self) -> str:
        return self.name + format_params(self.params)


def info_package_of(request: Request) -> InfoPackage | None:
    """Return the Info Package of an INFO; None for one of the old kind, without package (§3).

    Raises:
        ParseError: There are several, or it cannot be read.
    """
    values = request.get_all("info-package")
    if not values:
        return None
    if len(values) > 1:
        raise _bad(f"{len(values)} Info-Package headers", "info-package")
    return InfoPackage.parse(values[0], "info-package")


def recv_info_of(message: Message) -> tuple[InfoPackage, ...] | None:
    """Return the packages that a peer is willing to receive; None when it says nothing.

    An empty header is not nothing: its sender knows of packages and wants none (§5.2.2).

    Raises:
        ParseError: One cannot be read.
    """
    if message.get("recv-info") is None:
        return None
    return tuple([InfoPackage.parse(value, "recv-info") for value in message.values("recv-info")])


def _bad(message: str, header: str) -> ParseError:
    return ParseError(message, error_class="header-syntax", rule="RFC 6086 §9.2", header=header)
