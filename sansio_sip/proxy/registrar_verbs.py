"""What a proxy does as the registrar of its domains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..register import RegistrarVerbs
from .phones import phone_targets
from .proxy_base import ProxyBase

if TYPE_CHECKING:
    from ..register import Binding, Registrar
    from .targets import Target

__all__ = ["ProxyRegistrarVerbs"]


class ProxyRegistrarVerbs(ProxyBase, RegistrarVerbs):
    """Where users are, and the last word about it; see `Proxy` for the arguments."""

    __slots__ = ()

    @property
    def _own_registrar(self) -> Registrar:
        if self._registrar is None:
            raise LocalProtocolError("the proxy has no registrar")
        return self._registrar

    def _advance(self, now: float) -> float:
        return self._core.clock(now)

    def lookup(self, uri: str) -> list[Binding]:
        """Return where a registered user is, the preferred contact first.

        Raises:
            LocalProtocolError: There is no registrar, or it is no address of record.
            StoreError: The store could not be read.
        """
        return self._own_registrar.lookup(uri, self._core.now)

    def targets(self, uri: str) -> list[Target]:
        """Return the targets that lead to the phones of a registered user, none for who has none.

        Raises:
            LocalProtocolError: There is no registrar, or it is no address of record.
            StoreError: The store could not be read.
        """
        return phone_targets(self.lookup(uri))
