"""What the registrations of an agent have to do with each other and with its connections (RFC 5626 §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..register import Registration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint
    from ..register import RegistrationConfig
    from .core import Core

__all__ = ["Registrations"]

_Phone = tuple[str, str]


class Registrations:
    """Holds the registrations of an agent by name, and by the phone whose flows they are."""

    __slots__ = ("_by_name", "_flows")

    def __init__(self) -> None:
        """Begin with none."""
        self._by_name: dict[str, Registration] = {}
        self._flows: dict[_Phone, list[Registration]] = {}

    def open(self, config: RegistrationConfig, core: Core) -> Registration:
        """Begin to register."""
        registration = Registration(
            core.ids.tag(), config, now=core.now, ids=core.ids, outbound=core.outbound, outbox=core.events()
        )
        self._by_name[registration.registration] = registration
        if registration.config.reg_id is not None:
            self._flows.setdefault(_phone(registration), []).append(registration)
        registration.register(core.now)
        return registration

    def settle(self, registration: Registration) -> None:
        """After anything happened to one: tell the other flows of its phone, or forget it."""
        flows = self._flows.get(_phone(registration), [])
        if registration.closed and registration in flows:
            flows.remove(registration)
            if not flows:
                del self._flows[_phone(registration)]
        if registration.closed:
            self._by_name.pop(registration.registration, None)
        up = sum([flow.registered for flow in flows])
        for flow in flows:
            flow.other_flows = up > flow.registered

    def up(self, names: Iterable[str]) -> list[Registration]:
        """Return those among ``names`` that are up, in that order; those whose flow is lost come last."""
        found = [self._by_name.get(name) for name in names]
        up = [each for each in found if each is not None and each.registered]
        return sorted(up, key=lambda each: each.flow_lost)

    def by(self, destination: Endpoint) -> list[Registration]:
        """Return those whose flow leads to ``destination``."""
        return [each for each in self._by_name.values() if each.goes_by(destination)]

    def refresh(self, name: str, now: float) -> Registration:
        """Register again at once, or try again before the wait is over; while a REGISTER is open, nothing.

        Raises:
            LocalProtocolError: There is no such registration, or it is ending.
        """
        found = self._by_name.get(name)
        if found is None:
            raise LocalProtocolError(f"there is no registration {name!r}")
        if not found.registering:
            found.register(now)
        return found


def _phone(registration: Registration) -> _Phone:
    return registration.config.address, registration.config.instance
