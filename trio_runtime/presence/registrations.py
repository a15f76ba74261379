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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sansio_sip.register import Binding, BindingsChanged

__all__ = ["changed_registrations", "registrations_of"]

_GONE = {
    BindingCause.REGISTERED: ContactEvent.UNREGISTERED,
    BindingCause.EXPIRED: ContactEvent.EXPIRED,
    BindingCause.FLOW_FAILED: ContactEvent.DEACTIVATED,
}


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
