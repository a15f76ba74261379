"""The phones of users that register with the proxy, as a routing function asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.message import Uri, parse_uri, unescape

if TYPE_CHECKING:
    from sansio_sip.proxy import Proxy, Target
    from trio_runtime.registrar import RegistrarPart

__all__ = ["Phones"]


class Phones:
    """Where the users of the registrar's domains are, and who there is.

    Args:
        proxy: The machine that has the registrar.
        registrar: What runs it.
    """

    def __init__(self, proxy: Proxy, registrar: RegistrarPart) -> None:
        self._proxy = proxy
        self._registrar = registrar

    def targets(self, uri: str) -> list[Target]:
        """Return the targets that lead to a user; none for who has no phone, or is not of our domains."""
        return self._proxy.targets(uri) if self._registrar.location.serves(uri) else []

    def may_exist(self, uri: str) -> bool:
        """Return whether there may be a user of ours with this address."""
        if not self._registrar.location.serves(uri):
            return False
        parsed = parse_uri(uri)
        return isinstance(parsed, Uri) and self._registrar.users.may_exist(unescape(parsed.user or ""))
