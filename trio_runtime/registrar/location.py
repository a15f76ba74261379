"""Where users are: the location service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.errors import ParseError
from sansio_sip.message import Uri, parse_uri
from trio_runtime.base.registration_errors import NotRegisteredError
from trio_runtime.registrar.types import Contact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sansio_sip.outbound import Way
    from sansio_sip.register import Binding
    from trio_runtime.base.environment import Environment
    from trio_runtime.dialog import RegistrarSide

__all__ = ["LocationService"]


class LocationService:
    """Finds the phones of the users of our domains.

    Args:
        environment: Clock.
        side: The registrar.
        domains: Our domains.
    """

    def __init__(self, environment: Environment, side: RegistrarSide, domains: Iterable[str]) -> None:
        self._now = environment.clock.now
        self._side = side
        self._domains = frozenset([domain.lower() for domain in domains])

    def serves(self, uri: str) -> bool:
        """Return whether a URI is that of a user of ours."""
        try:
            parsed = parse_uri(uri)
        except ParseError:
            return False
        return isinstance(parsed, Uri) and bool(parsed.user) and parsed.host.lower() in self._domains

    def bindings(self, uri: str) -> list[Binding]:
        """Return the bindings of a user, the preferred first; raises as `locate` does."""
        return self._side.bindings(uri)

    def locate(self, uri: str) -> list[Contact]:
        """Return the phones of a user, the preferred first; of a stranger none.

        Raises:
            InvalidUriError: It is no address of record.
        """
        now = self._now()
        return [Contact.of(binding, now) for binding in self._side.bindings(uri)]

    def ways_to(self, uri: str) -> Sequence[Way]:
        """Return how requests get to a user; none for somebody who is not ours.

        Raises:
            NotRegisteredError: The user is ours, and nowhere.
        """
        if not self.serves(uri):
            return ()
        ways = self._side.ways(uri)
        if not ways:
            raise NotRegisteredError(f"{uri} is not registered")
        return ways
