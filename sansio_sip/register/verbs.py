"""The verbs of whatever holds a registrar: an agent, or a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .registrar import Registrar

__all__ = ["RegistrarVerbs"]


class RegistrarVerbs:
    """The last word about where users are; who mixes it in has a registrar, or says that not."""

    __slots__ = ()

    if TYPE_CHECKING:  # what the others of its bases have

        @property
        def _own_registrar(self) -> Registrar: ...

        def _advance(self, now: float) -> float: ...

        def _settle(self) -> None: ...

    def confirm_registration(self, change: int, now: float) -> None:
        """Let a change of bindings count that is held, and answer its REGISTER with 200.

        Args:
            change: Its number, from `ChangeHeld`.
            now: Current time in seconds.

        Raises:
            LocalProtocolError: There is no registrar, or no such change.
        """
        self._own_registrar.confirm(change, self._advance(now))
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
        """Drop a change of bindings that is held, and answer its REGISTER with a failure (SRV-4).

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
        self._own_registrar.refuse(change, status_code, self._advance(now), reason=reason, fields=headers)
        self._settle()
