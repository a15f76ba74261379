"""The block in which an account is registered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from trio_runtime.coordinator.registering.registration import Registration

__all__ = ["RegisteredBlock"]


class RegisteredBlock:
    """An async context manager: entering registers and waits for it, leaving unregisters.

    Args:
        start: Starts the registration.
        patient: Whether to go on waiting while it is tried again.
    """

    def __init__(self, start: Callable[[], Registration], *, patient: bool) -> None:
        self._start = start
        self._patient = patient
        self._registration: Registration | None = None

    async def __aenter__(self) -> Registration:
        """Register; see `Registration.registered` for what is raised when that fails."""
        registration = self._start()
        try:
            await registration.registered(patient=self._patient)
        except BaseException:
            registration.unregister()
            raise
        self._registration = registration
        return registration

    def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> Awaitable[None]:
        """Unregister; the coordinator sends and repeats what that takes, nothing is waited for."""
        return self._leave(cancelled=kind is not None)

    async def _leave(self, *, cancelled: bool) -> None:
        if self._registration is not None:
            self._registration.unregister()
        if not cancelled:
            await trio.lowlevel.checkpoint()
