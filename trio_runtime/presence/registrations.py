"""The registrations of users, as their watchers are told of them (RFC 3680)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sansio_sip.register import BindingCause
from sansio_sip.subscribe.reg import (
    ContactEvent,
    RegInfoState,
    RegisteredAddress,
    RegisteredContact,
    RegistrationProgress,
)
from trio_runtime.presence.types import resource_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sansio_sip.register import Binding, BindingsChanged

__all__ = ["UserAddresses", "changed_registrations", "registrations_of"]

_GONE = {
    BindingCause.REGISTERED: ContactEvent.UNREGISTERED,
    BindingCause.EXPIRED: ContactEvent.EXPIRED,
    BindingCause.FLOW_FAILED: ContactEvent.DEACTIVATED,
}


class UserAddresses:
    """The addresses of record of each user that have phones; those of one user differ in scheme or port.

    Args:
        addresses: Those that there are already.
    """

    def __init__(self, addresses: Iterable[str]) -> None:
        self._by_resource: dict[str, dict[str, None]] = {}
        for aor in addresses:
            self._by_resource.setdefault(resource_named(aor), {})[aor] = None

    def __contains__(self, resource: str) -> bool:
        """Return whether a user has a phone."""
        return resource in self._by_resource

    def changed(self, event: BindingsChanged) -> str:
        """Take the news that an address has other phones now; return the user."""
        resource = resource_named(event.aor)
        if event.bindings:
            self._by_resource.setdefault(resource, {})[event.aor] = None
        elif (addresses := self._by_resource.get(resource)) is not None:
            addresses.pop(event.aor, None)
            if not addresses:
                del self._by_resource[resource]
        return resource

    def of(self, resource: str) -> tuple[str, ...]:
        """Return the addresses of a user; the one that he would have when he has none."""
        return tuple(self._by_resource.get(resource, ())) or (f"sip:{resource}",)


def registrations_of(addresses: Mapping[str, Iterable[Binding]], now: float) -> RegInfoState:
    """Return the state of addresses with their bindings."""
    found: list[RegisteredAddress] = []
    for aor, bindings in addresses.items():
        contacts = tuple([_contact(binding, ContactEvent.REGISTERED, now) for binding in bindings])
        found.append(_address(aor, contacts, bound=bool(contacts)))
    return RegInfoState(tuple(found))


def changed_registrations(event: BindingsChanged, now: float) -> RegInfoState:
    """Return the state of an address after a change; what is gone is told once more."""
    kinds = {**dict.fromkeys(event.added, ContactEvent.CREATED)}
    kinds |= dict.fromkeys(event.refreshed, ContactEvent.REFRESHED)
    there = [_contact(each, kinds.get(each, ContactEvent.REGISTERED), now) for each in event.bindings]
    gone = [_contact(each, _GONE[event.cause], now, active=False) for each in event.removed]
    changed = [_name(each) for each in (*kinds, *event.removed)]
    address = _address(event.aor, (*there, *gone), bound=bool(there))
    return RegInfoState((address,), frozenset(changed))


def _address(aor: str, contacts: tuple[RegisteredContact, ...], *, bound: bool) -> RegisteredAddress:
    progress = RegistrationProgress.ACTIVE if bound else RegistrationProgress.TERMINATED
    return RegisteredAddress(aor, f"a{zlib.crc32(_octets(aor)):x}", progress, contacts)


def _contact(binding: Binding, event: ContactEvent, now: float, *, active: bool = True) -> RegisteredContact:
    return RegisteredContact(
        id=_name(binding),
        uri=binding.contact,
        active=active,
        event=event,
        expires=max(0, round(binding.expires_at - now)) if active else None,
        q=f"{binding.q:g}",
        call_id=binding.call_id,
        cseq=binding.cseq,
    )


def _name(binding: Binding) -> str:
    """Return a name of a contact that stays the same when it is refreshed."""
    return f"c{zlib.crc32(_octets(f'{binding.contact} {binding.instance} {binding.reg_id}')):x}"


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
