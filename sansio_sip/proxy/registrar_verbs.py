"""What a proxy does as the registrar of its domains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from .phones import phone_targets
from .proxy_base import ProxyBase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..register import Binding, Registrar
    from .targets import Target

__all__ = ["RegistrarVerbs"]


class RegistrarVerbs(ProxyBase):
    """Where users are, and the last word about it; see `Proxy` for the arguments."""

    __slots__ = ()

    @property
    def _own_registrar(self) -> Registrar:
        if self._registrar is None:
            raise LocalProtocolError("the proxy has no registrar")
        return self._registrar

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

    def confirm_registration(self, change: int, now: float) -> None:
        """Let a change of bindings count that is held, and answer its REGISTER with 200.

        Args:
            change: Its number, from `ChangeHeld`.
            now: Current time in seconds.

        Raises:
            LocalProtocolError: There is no registrar, or no such change.
        """
        self._own_registrar.confirm(change, self._core.clock(now))
        self._settle()

    def refuse_registration(
        self,
        change: int,
        status_code: int,
        now: float,
        *,
        reason: str = "",
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Drop a change of bindings that is held, and answer its REGISTER with a failure.

        Args:
            change: Its number, from `ChangeHeld`.
            status_code: 300 to 699.
            now: Current time in seconds.
            reason: Reason phrase; that of the status when empty.
            headers: More header fields of the answer.

        Raises:
            LocalProtocolError: There is no registrar or no such change, the status is no failure, or a value
                cannot stand in a message.
        """
        self._own_registrar.refuse(change, status_code, self._core.clock(now), reason=reason, fields=headers)
        self._settle()
