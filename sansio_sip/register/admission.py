"""Who may register what (RFC 3261 §10.3, steps 1 to 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..auth import Authenticated, Challenged
from ..message import Uri
from .address import address_of_record, is_own_address
from .refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..auth import DigestServer
    from ..message import AnyUri, Request
    from .registrar_config import RegistrarConfig

__all__ = ["Admission"]

_EXTENSIONS = frozenset({"path", "outbound", "gruu"})


class Admission:
    """Checks a REGISTER before its contacts are looked at.

    Args:
        config: The registrar's.
        authenticator: Judges credentials; None lets everybody register.
        may_register: Tells whether a user name may register an address of record; by default its own.

    Attributes:
        username: Name in the credentials of the last request, empty without any.
    """

    __slots__ = ("_authenticator", "_config", "_may_register", "username")

    def __init__(
        self,
        config: RegistrarConfig,
        authenticator: DigestServer | None,
        may_register: Callable[[str, str], bool] | None,
    ) -> None:
        self._config = config
        self._authenticator = authenticator
        self._may_register = may_register
        self.username = ""

    def admit(self, request: Request, now: float) -> Uri:
        """Return the address of record that a request may change.

        Raises:
            Refusal: It may not.
            ParseError: A header cannot be read.
        """
        self.username = ""
        if not self._serves(request.request_uri):
            raise Refusal(404, "another domain")
        unknown = [tag for tag in request.require if tag not in _EXTENSIONS]
        if unknown:
            raise Refusal(420, "an extension is not supported", (("Unsupported", ", ".join(unknown)),))
        address = request.to.uri
        self._authenticate(request, address, now)
        if not isinstance(address, Uri):
            raise Refusal(400, "the address of record is no SIP address")
        if not self._serves(address):
            raise Refusal(404, "no address of record of ours")
        if request.get("path") and self._config.require_path_support and "path" not in request.supported:
            raise Refusal(420, "Path without support by the phone", (("Unsupported", "path"),))
        return address

    def _serves(self, uri: AnyUri) -> bool:
        if not isinstance(uri, Uri):
            return False
        return not self._config.domains or uri.host.lower() in self._config.domains

    def _authenticate(self, request: Request, address: AnyUri, now: float) -> None:
        if self._authenticator is None:
            return
        verdict = self._authenticator.authenticate(request, now)
        if isinstance(verdict, Challenged):
            self.username = verdict.username
            raise Refusal(verdict.status_code, verdict.cause.value, verdict.fields)
        self.username = verdict.username if isinstance(verdict, Authenticated) else ""
        if not self._may(self.username, address):
            raise Refusal(403, "this user may not register this address")

    def _may(self, username: str, address: AnyUri) -> bool:
        aor = address_of_record(address)
        if self._may_register is not None:
            return self._may_register(username, aor)
        return is_own_address(username, address)
