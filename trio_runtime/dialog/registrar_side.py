"""The verbs of signalling that concern our own registrar; see `DialogManager` for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.errors import LocalProtocolError
from sansio_sip.register import way_to
from trio_runtime.base.errors import InvalidUriError
from trio_runtime.dialog.agent_side import AgentSide

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sansio_sip.outbound import Way
    from sansio_sip.register import Binding

__all__ = ["RegistrarSide"]


class RegistrarSide(AgentSide):
    """Asks the registrar, and gives it the last word about a change.

    See `AgentSide` for the arguments.
    """

    def confirm(self, change: int) -> None:
        """Let a change that was held count."""
        endpoint = self._endpoint()
        endpoint.agent.confirm_registration(change, self._now())
        endpoint.pump.flush()

    def refuse(
        self, change: int, status_code: int, reason: str = "", headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Drop a change that was held.

        Raises:
            LocalProtocolError: What it is to be answered with cannot be sent; it still waits.
        """
        endpoint = self._endpoint()
        endpoint.agent.refuse_registration(change, status_code, self._now(), reason=reason, headers=headers)
        endpoint.pump.flush()

    def bindings(self, uri: str) -> list[Binding]:
        """Return where a user is, the preferred contact first.

        Raises:
            InvalidUriError: It is no address of record.
        """
        try:
            return self._endpoint().agent.lookup(uri)
        except LocalProtocolError as error:
            raise InvalidUriError(str(error)) from error

    def ways(self, uri: str) -> list[Way]:
        """Return how requests get to a user; raises as `bindings` does."""
        return [way_to(binding) for binding in self.bindings(uri)]
