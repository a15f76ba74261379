"""What applications see of a registrar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from sansio_sip.machine import Endpoint
    from sansio_sip.register import Binding
    from trio_runtime.registrar.writer import StoreStatistics

__all__ = ["Contact", "RegistrarStatistics", "source_text"]


@attrs.frozen(kw_only=True)
class Contact:
    """A phone of a registered user.

    Attributes:
        uri: Where it wants to be called.
        q: Its preference, 0 to 1.
        expires: Seconds for which it still holds.
        source: Where it registered from, as ``transport:host:port``.
        by_source: Whether it is called by the way that it came: its connection, or what its NAT gave it.
        path: Proxies on the way to it, the first one first.
        user_agent: What it calls itself.
        instance: URN of the phone, empty when not told.
    """

    uri: str
    q: float
    expires: float
    source: str
    by_source: bool
    path: tuple[str, ...]
    user_agent: str
    instance: str

    @classmethod
    def of(cls, binding: Binding, now: float) -> Contact:
        """Make one of a binding."""
        return cls(
            uri=binding.contact,
            q=binding.q,
            expires=binding.expires_at - now,
            source=source_text(binding.source),
            by_source=binding.outbound or binding.by_source,
            path=binding.path,
            user_agent=binding.user_agent,
            instance=binding.instance,
        )


def source_text(source: Endpoint) -> str:
    """Return where something came from as one word."""
    return f"{source.transport.lower()}:{source.host}:{source.port}"


@attrs.frozen(kw_only=True)
class RegistrarStatistics:
    """What a registrar counts.

    Attributes:
        addresses: Addresses with phones now.
        waiting: REGISTERs that wait for the store, or the application, now.
        accepted: REGISTERs answered with 200.
        refused: REGISTERs answered with a failure that is no challenge.
        challenged: REGISTERs that were asked for a password.
        overdue: REGISTERs that waited for too long and got 503.
        expired: Contacts that were not refreshed in time.
        flows_failed: Contacts whose connection broke.
        decisions_failed: How often the function of the application raised.
        store: What became of changes that go to the store; ``None`` without one.
    """

    addresses: int
    waiting: int
    accepted: int
    refused: int
    challenged: int
    overdue: int
    expired: int
    flows_failed: int
    decisions_failed: int
    store: StoreStatistics | None
