"""Questions to the DNS itself, for what the system's own functions do not answer, as SRV and NAPTR."""

from __future__ import annotations

import itertools
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.resolver
import trio

from sansio_sip.resolve import AddressRecord, NaptrRecord, Record, RecordType, SrvRecord
from trio_runtime.base.errors import ResolutionError
from trio_runtime.base.network import DnsAnswer

__all__ = ["DnsClient"]

_LIFETIME = 4.0  # s
_MAX_RECORDS = 256  # of one answer: far more than are ever tried, far fewer than fit into 64 KiB
_NEVER_ASKED = frozenset({"localhost", "local", "invalid", "test", "onion"})  # RFC 6761, RFC 6762, RFC 7686


class DnsClient:
    """Asks the name servers of the machine.

    Args:
        configuration: File that names them; where the system has none, as Windows, it is not read.
        port: Port of the name servers.
        lifetime: Seconds for one question, all servers and repeats included.

    Attributes:
        left_out: Records that were too many for one answer.
    """

    def __init__(
        self, configuration: str = "/etc/resolv.conf", port: int = 53, *, lifetime: float = _LIFETIME
    ) -> None:
        self.left_out = 0
        self._configuration = configuration
        self._port = port
        self._lifetime = lifetime
        self._resolver: dns.asyncresolver.Resolver | None = None

    async def look_up(self, record_type: RecordType, name: str) -> DnsAnswer:
        """Return the records of a name, for as long as the shortest-lived on the way to them.

        Raises:
            ResolutionError: No server answered, or the machine has none.
        """
        if _is_local(name):
            await trio.lowlevel.checkpoint()
            return DnsAnswer((), 0.0)
        try:
            answer = await self._open().resolve(
                name, record_type.value, lifetime=self._lifetime, search=False, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            return DnsAnswer((), 0.0)
        except (dns.exception.DNSException, OSError) as failure:
            raise ResolutionError(f"cannot ask the DNS for {name}: {failure}") from failure
        if answer.rrset is None:
            return DnsAnswer((), 0.0)
        self.left_out += max(0, len(answer.rrset) - _MAX_RECORDS)
        records = [_record(entry) for entry in itertools.islice(answer.rrset, _MAX_RECORDS)]
        return DnsAnswer(tuple(records), float(answer.chaining_result.minimum_ttl))

    def _open(self) -> dns.asyncresolver.Resolver:
        """Read the machine's configuration when it is needed first."""
        if self._resolver is None:
            self._resolver = dns.asyncresolver.Resolver(self._configuration)
            self._resolver.port = self._port
        return self._resolver


def _is_local(name: str) -> bool:
    """Return whether a name means something on this machine or network only, and the DNS nothing."""
    labels = [label for label in name.lower().split(".") if not label.startswith("_")]
    return len(labels) < 2 or labels[-1] in _NEVER_ASKED


def _record(entry: Any) -> Record:
    if hasattr(entry, "address"):
        return AddressRecord(entry.address)
    if hasattr(entry, "weight"):
        return SrvRecord(entry.priority, entry.weight, entry.port, entry.target.to_text())
    flags, service = (value.decode("ascii", "replace") for value in (entry.flags, entry.service))
    return NaptrRecord(entry.order, entry.preference, flags, service, entry.replacement.to_text())
