"""The registrar inside of a proxy: edge, registrar and home proxy in one (RFC 3261 §10, RFC 5626 §5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message import Uri
from ..register import judge_register

if TYPE_CHECKING:
    from ..admission import AdmissionControl
    from ..message import Request
    from ..register import Registrar
    from ..transaction import RequestReceived

__all__ = ["Registrations"]


class Registrations:
    """Takes the REGISTERs for the domains of a registrar, which answers by the proxy's own transactions.

    Args:
        registrar: It.
        domains: Its domains; none for all that the proxy is responsible for.
        asks: Whether it asks for passwords.

    Attributes:
        registrar: See above.
    """

    __slots__ = ("_asks", "_domains", "registrar")

    def __init__(self, registrar: Registrar, domains: frozenset[str], *, asks: bool) -> None:
        self.registrar = registrar
        self._domains = domains
        self._asks = asks

    def serves(self, request: Request) -> bool:
        """Whether a request registers with us; it names the domain alone (RFC 3261 §10.2).

        Args:
            request: A request for a domain of the proxy, without the routes that name it.
        """
        if request.method != "REGISTER" or request.routes:
            return False
        uri = request.request_uri
        if not isinstance(uri, Uri) or uri.user is not None:
            return False
        return not self._domains or uri.host.lower() in self._domains

    def receive(self, event: RequestReceived, now: float, admission: AdmissionControl | None) -> None:
        """Answer a REGISTER, or hold it until the user has spoken.

        Args:
            event: It.
            now: Current time in seconds.
            admission: Knows who is banned, or None.
        """
        bans = admission.bans if admission is not None and self._asks else None
        judge_register(self.registrar, event, now, bans)
