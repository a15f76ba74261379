"""A name server that is silent, broken or lies: bounded time, one kind of error, and no lie is believed."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
import trio

from sansio_sip.resolve import AddressRecord, RecordType, SrvRecord
from tests.runtime.name_server import Query, Reply, Zone, name_server, raw
from trio_runtime.base.errors import ResolutionError

NAME = "_sip._udp.example.com"
TRUTH = Zone({(f"{NAME}.", "SRV"): ["1 10 5060 s1.example.com."]})
FOUND = (SrvRecord(1, 10, 5060, "s1.example.com."),)
LIE = "0 0 666 evil.example.net."
SHORT = 0.3  # s that a client waits which gets no answer

Change = Callable[[Query, Query], bytes]


def changed(change: Change) -> Reply:
    """Answer with what becomes of the truth."""

    async def answer(query: Query, _by_tcp: bool) -> Iterable[bytes]:
        return [change(query, TRUTH.answer(query))]

    return answer


def lying(query: Query) -> Query:
    reply = dns.message.make_response(query)
    reply.answer.append(dns.rrset.from_text(query.question[0].name, 120, "IN", "SRV", LIE))
    return reply


def other_id(query: Query, _truth: Query) -> bytes:
    reply = lying(query)
    reply.id ^= 1
    return reply.to_wire()


def other_question(_query: Query, _truth: Query) -> bytes:
    other = dns.message.make_query("evil.example.net", "SRV")
    other.id = _query.id
    return lying(other).to_wire()


def status(code: dns.rcode.Rcode) -> Change:
    def change(query: Query, _truth: Query) -> bytes:
        reply = dns.message.make_response(query)
        reply.set_rcode(code)
        return reply.to_wire()

    return change


def chain(names: list[str], *, to: str = "") -> Change:
    """Answer with CNAMEs from one to the next."""

    def change(query: Query, _truth: Query) -> bytes:
        reply = dns.message.make_response(query)
        whole = [query.question[0].name.to_text(), *names]
        for name, target in itertools.pairwise(whole):
            reply.answer.append(dns.rrset.from_text(name, 120, "IN", "CNAME", target))
        if to:
            reply.answer.append(dns.rrset.from_text(whole[-1], 30, "IN", "SRV", to))
        return reply.to_wire()

    return change


def cut(_query: Query, truth: Query) -> bytes:
    return truth.to_wire()[:-9]


FAULTS: dict[str, Reply] = {
    "silence": raw(),
    "garbage": raw(b"\x00", b"not dns at all", bytes(600)),
    "a wrong number": changed(other_id),
    "another question": changed(other_question),
    "SERVFAIL": changed(status(dns.rcode.SERVFAIL)),
    "REFUSED": changed(status(dns.rcode.REFUSED)),
    "FORMERR": changed(status(dns.rcode.FORMERR)),
    "NOTIMP": changed(status(dns.rcode.NOTIMP)),
    "a question as the answer": changed(lambda query, _: query.to_wire()),
    "half an answer": changed(cut),
    "a loop": changed(chain(["b.example.com.", f"{NAME}."])),
    "a long chain": changed(chain([f"n{number}.example.com." for number in range(40)], to=LIE)),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_fault_is_an_error_in_bounded_time(fault: str, tmp_path: Path) -> None:
    """TRN-11, ERR-1, SEC-1: one kind of error that names what was asked for, and never the lie."""
    async with name_server(FAULTS[fault], tmp_path, lifetime=SHORT) as client:
        before = trio.current_time()
        with pytest.raises(ResolutionError, match=r"example\.com"):
            await client.look_up(RecordType.SRV, NAME)
        assert trio.current_time() - before < SHORT + 1.5


def too_long(query: Query, truth: Query) -> bytes:
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.TC
    return reply.to_wire()


async def first_lies(query: Query, _by_tcp: bool) -> Iterable[bytes]:
    truth = TRUTH.answer(query)
    return [other_id(query, truth), b"garbage", other_question(query, truth), truth.to_wire()]


async def late(query: Query, _by_tcp: bool) -> Iterable[bytes]:
    await trio.sleep(0.05)
    return [TRUTH.answer(query).to_wire()]


async def by_tcp_only(query: Query, by_tcp: bool) -> Iterable[bytes]:
    truth = TRUTH.answer(query)
    return [truth.to_wire() if by_tcp else too_long(query, truth)]


@pytest.mark.parametrize("answer", [TRUTH, first_lies, late, by_tcp_only])
async def test_truth_is_found_behind_lies_and_over_tcp(answer: Reply, tmp_path: Path) -> None:
    """TRN-11, SEC-1: whoever is quicker but does not know the number is not believed."""
    async with name_server(answer, tmp_path) as client:
        found = await client.look_up(RecordType.SRV, NAME)
    assert (found.records, found.ttl) == (FOUND, 120.0)


async def broken_over_tcp(query: Query, by_tcp: bool) -> Iterable[bytes]:
    return [] if by_tcp else [too_long(query, query)]


async def test_tcp_that_breaks_off_is_an_error(tmp_path: Path) -> None:
    """TRN-11, ERR-1: truncated over UDP, and closed without a word over TCP."""
    async with name_server(broken_over_tcp, tmp_path, lifetime=SHORT) as client:
        with pytest.raises(ResolutionError):
            await client.look_up(RecordType.SRV, NAME)


@pytest.mark.parametrize(
    "answer",
    [
        changed(status(dns.rcode.NXDOMAIN)),
        changed(status(dns.rcode.NOERROR)),
        changed(lambda query, _: wrong_type(query)),
        changed(lambda query, _: elsewhere(query)),
    ],
)
async def test_answer_without_what_was_asked_for_has_no_records(answer: Reply, tmp_path: Path) -> None:
    """TRN-11, SEC-1: records of other types and other names do not count."""
    async with name_server(answer, tmp_path) as client:
        assert (await client.look_up(RecordType.SRV, NAME)).records == ()


def wrong_type(query: Query) -> bytes:
    reply = dns.message.make_response(query)
    reply.answer.append(dns.rrset.from_text(query.question[0].name, 120, "IN", "A", "192.0.2.66"))
    return reply.to_wire()


def elsewhere(query: Query) -> bytes:
    reply = dns.message.make_response(query)
    reply.answer.append(dns.rrset.from_text("_sip._udp.example.net.", 120, "IN", "SRV", LIE))
    return reply.to_wire()


async def test_huge_answer_is_read_over_tcp_and_cut(tmp_path: Path) -> None:
    """TRN-11, law 8: a thousand servers are more than anybody tries; what is left out is counted."""
    rows = [f"1 1 {port} s.example.com." for port in range(5_000, 6_000)]
    zone = Zone({(f"{NAME}.", "SRV"): rows})

    async def answer(query: Query, by_tcp: bool) -> Iterable[bytes]:
        return [zone.answer(query).to_wire() if by_tcp else too_long(query, query)]

    async with name_server(answer, tmp_path) as client:
        found = await client.look_up(RecordType.SRV, NAME)
    assert len(found.records) == 256
    assert client.left_out == 744


async def test_chain_of_names_holds_as_long_as_its_shortest_link(tmp_path: Path) -> None:
    """TRN-11: CNAME, also for addresses."""
    async with name_server(changed(chain(["x.example.com."], to="1 2 3 h.")), tmp_path) as client:
        found = await client.look_up(RecordType.SRV, NAME)
        assert (found.records, found.ttl) == ((SrvRecord(1, 2, 3, "h."),), 30.0)
    zone = Zone({("a.example.com.", "CNAME"): ["b.example.com."], ("b.example.com.", "A"): ["192.0.2.7"]})
    async with name_server(zone, tmp_path) as client:
        assert (await client.look_up(RecordType.A, "a.example.com")).records == (AddressRecord("192.0.2.7"),)


@pytest.mark.parametrize("name", ["a" * 64 + ".example.com", ".".join(["a" * 60] * 5), "a..example.com"])
async def test_name_that_cannot_be_asked_for_is_an_error(name: str, tmp_path: Path) -> None:
    """TRN-11, ERR-1: a peer can write any name into a URI."""
    async with name_server(TRUTH, tmp_path) as client:
        with pytest.raises(ResolutionError):
            await client.look_up(RecordType.SRV, name)


async def test_many_questions_to_a_silent_server_end_together(tmp_path: Path) -> None:
    """TRN-11: each has its own time, and none waits for another."""
    failed: list[str] = []

    async def ask(client: Callable[[RecordType, str], Awaitable[object]], name: str) -> None:
        with pytest.raises(ResolutionError):
            await client(RecordType.SRV, name)
        failed.append(name)

    async with name_server(raw(), tmp_path, lifetime=SHORT) as client:
        before = trio.current_time()
        async with trio.open_nursery() as nursery:
            for number in range(50):
                nursery.start_soon(ask, client.look_up, f"h{number}.example.com")
        assert trio.current_time() - before < SHORT + 2
    assert len(failed) == 50
