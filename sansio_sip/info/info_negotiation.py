"""Which Info Packages may be sent in a call, either way (RFC 6086 §4, §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import attrs

from ..errors import LocalProtocolError
from ..message.names import is_token
from .info_package import InfoPackage, info_package_of, recv_info_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..dialog import Dialog
    from ..message import Message, Params, Request

__all__ = ["InfoNegotiation", "InfoSupport", "InfoVerdict"]

_Fields = tuple[tuple[str, str], ...]


@attrs.frozen
class InfoSupport:
    """An Info Package that we are willing to receive.

    Attributes:
        name: Its name.
        content_types: Media types that its bodies may have, in lower case; empty for any.
    """

    name: str
    content_types: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        if not is_token(self.name):
            raise ValueError(f"name {self.name!r} is not a token")


class InfoVerdict(NamedTuple):
    """How an INFO is to be answered.

    Attributes:
        status_code: 200, 415 or 469.
        fields: What the answer has to say besides its status.
        package: Its package; None for an INFO of the old kind.
    """

    status_code: int
    fields: _Fields
    package: InfoPackage | None


class InfoNegotiation:
    """Keeps both sets of packages of one dialog.

    Every INVITE and UPDATE that says something of packages is an exchange: call `begin` before it, and
    then `settle` or, when it was refused, `roll_back` (§5.2.4).

    Args:
        willing: What we are willing to receive.

    Attributes:
        remote: Names of the packages that the peer is willing to receive.
    """

    __slots__ = ("_before", "_willing", "remote")

    def __init__(self, willing: Iterable[InfoSupport] = ()) -> None:
        self._willing = {support.name: support for support in willing}
        self.remote: tuple[str, ...] = ()
        self._before: tuple[dict[str, InfoSupport], tuple[str, ...]] | None = None

    @property
    def recv_info(self) -> _Fields:
        """The Recv-Info field; it is in every first INVITE, empty when we want no package (§5.2.3)."""
        return (("Recv-Info", ", ".join(self._willing)),)

    def answer_fields(self, request: Request) -> _Fields:
        """Return the Recv-Info of a reliable 18x or 2xx; none when the request had none (§5.2.3)."""
        return self.recv_info if request.get("recv-info") is not None else ()

    def begin(self) -> None:
        """Start an exchange, ours or the peer's."""
        self._before = (self._willing, self.remote)

    def settle(self) -> None:
        """The exchange was accepted: what it said holds."""
        self._before = None

    def roll_back(self) -> None:
        """The exchange was refused: both sides return to the sets before it."""
        if self._before is not None:
            self._willing, self.remote = self._before
            self._before = None

    def offer(self, willing: Iterable[InfoSupport]) -> None:
        """Change what we are willing to receive; it holds when it was sent with `recv_info`."""
        self._willing = {support.name: support for support in willing}

    def receive(self, message: Message) -> None:
        """Take the peer's set from a request or a reliable response; without Recv-Info nothing changes.

        Raises:
            ParseError: Recv-Info cannot be read.
        """
        told = recv_info_of(message)
        if told is not None:
            self.remote = tuple([package.name for package in told])

    def may_send(self, name: str) -> bool:
        """Return whether the peer is willing to receive a package."""
        return name in self.remote

    def check(self, request: Request) -> InfoVerdict:
        """Return how an INFO in the dialog is to be answered (§4.2.2); refusing it ends nothing.

        Raises:
            ParseError: Info-Package cannot be read (400).
        """
        package = info_package_of(request)
        if package is None:
            return InfoVerdict(200, (), None)
        support = self._willing.get(package.name)
        if support is None:
            return InfoVerdict(469, self.recv_info, package)
        if request.body and support.content_types and request.content_type not in support.content_types:
            return InfoVerdict(415, (("Accept", ", ".join(sorted(support.content_types))),), package)
        return InfoVerdict(200, (), package)

    def build(
        self, dialog: Dialog, name: str, content_type: str = "", body: bytes = b"", params: Params = ()
    ) -> Request:
        """Build an INFO of a package (§4.2.1); its body is marked as the package's (§4.3.1).

        Raises:
            LocalProtocolError: The peer is not willing to receive the package, or a value cannot stand
                in a message.
        """
        if not self.may_send(name):
            raise LocalProtocolError(f"the peer is not willing to receive Info Package {name!r}")
        if body and not content_type:
            raise LocalProtocolError("a body needs a content_type (RFC 3261 §20.15)")
        fields = [("Info-Package", str(InfoPackage(name, params)))]
        if body:
            fields.append(("Content-Disposition", "Info-Package"))
        return dialog.request("INFO", fields, content_type=content_type if body else "", body=body)
