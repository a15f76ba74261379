"""A DNS for tests: a table that answers the questions of an agent, a proxy or an `Outbound`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Protocol

from sansio_sip.resolve import AddressRecord, DnsQuestion, NaptrRecord, Record, RecordType, SrvRecord

__all__ = ["Asking", "Zone"]


class Asking(Protocol):
    """What asks the DNS."""

    def receive_dns_answer(
        self, question: int, records: Iterable[Record], ttl: float, now: float
    ) -> object: ...


class Zone:
    """Names and their records.

    Args:
        hosts: Addresses by name.
        services: SRV records by name, each as (priority, weight, port, target).
        pointers: NAPTR records by name, each as (order, preference, service, replacement).
        ttl: Seconds that every answer holds.
        others: Addresses of every other name.
    """

    def __init__(
        self,
        hosts: Mapping[str, Iterable[str]],
        services: Mapping[str, Iterable[tuple[int, int, int, str]]] | None = None,
        pointers: Mapping[str, Iterable[tuple[int, int, str, str]]] | None = None,
        ttl: float = 300.0,
        others: Iterable[str] = (),
    ) -> None:
        self.hosts = {name: tuple(addresses) for name, addresses in hosts.items()}
        self.services = dict(services or {})
        self.pointers = dict(pointers or {})
        self.ttl = ttl
        self.others = tuple(others)
        self.asked: list[tuple[str, str]] = []

    def records(self, record_type: RecordType, name: str) -> list[Record]:
        if record_type is RecordType.SRV:
            return [SrvRecord(*row) for row in self.services.get(name, ())]
        if record_type is RecordType.NAPTR:
            return [NaptrRecord(*row[:2], "s", *row[2:]) for row in self.pointers.get(name, ())]
        six = record_type is RecordType.AAAA
        return [AddressRecord(each) for each in self.hosts.get(name, self.others) if (":" in each) is six]

    def answer(self, machine: Asking, question: DnsQuestion, now: float) -> None:
        """Answer one question with what there is."""
        self.asked.append((question.record_type.value, question.name))
        records = self.records(question.record_type, question.name)
        machine.receive_dns_answer(question.question, records, self.ttl, now)

    def answer_queue(self, machine: Asking, questions: deque[DnsQuestion], now: float) -> None:
        """Answer the questions in a queue, and those that the answers lead to."""
        while questions:
            self.answer(machine, questions.popleft(), now)

    def answer_event(self, machine: Asking, event: object, now: float) -> None:
        """Answer an event that is a question, and leave others alone."""
        if isinstance(event, DnsQuestion):
            self.answer(machine, event, now)
