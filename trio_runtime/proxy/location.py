"""Where registered users are, as a routing function asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from sansio_sip.proxy import Target
from sansio_sip.register import by_preference, one_per_instance

if TYPE_CHECKING:
    from sansio_sip.register import Binding

__all__ = ["Location", "targets_of_bindings"]

_BY_CONNECTION = frozenset({"WS", "WSS"})


class Location(Protocol):
    """Knows the contacts of users: a registrar, or a table of the application's own."""

    def locate(self, address: str) -> Sequence[Binding]:
        """Return the contacts of an address of record, none for who is not registered."""
        ...


def targets_of_bindings(bindings: Iterable[Binding]) -> list[Target]:
    """Return the targets that lead to contacts: in the order of their q, by the path they came.

    Of one phone only the preferred flow is a target (RFC 5626 §7).
    """
    return [_target_of(binding) for binding in one_per_instance(by_preference(bindings))]


def _target_of(binding: Binding) -> Target:
    by_flow = not binding.path and (binding.outbound or binding.source.transport in _BY_CONNECTION)
    return Target(
        uri=binding.contact,
        q=binding.q,
        routes=binding.path,
        flow=binding.source if by_flow else None,
        params=binding.params,
    )
