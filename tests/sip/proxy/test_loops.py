"""Loops, spirals and breadth (RFC 5393)."""

from __future__ import annotations

import pytest

from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response
from sansio_sip.proxy import Target
from tests.sip.proxy.bench import BOB, CALLEE, Bench
from tests.sip.proxy.setups import House, one_by_one, targets

SELF = Endpoint("UDP", "192.0.2.10", 5060)


def turn(bench: Bench, request: Request, **changes: str) -> Request | Response:
    """Bring a copy back to the proxy that sent it, and return what that sends."""
    for name, value in changes.items():
        request.set(name.replace("_", "-"), value)
    bench.send(request, SELF)
    ((message, _),) = [
        (m, e) for m, e in bench.sent() if not (isinstance(m, Response) and m.status_code == 100)
    ]
    return message


def test_a_request_that_comes_back_unchanged_has_looped() -> None:
    """SRV-7: RFC 5393 §4.2.2: 482 when Request-URI, routes and source are those of an earlier visit."""
    bench = Bench([Target(uri="sip:bob@192.0.2.10")])
    first, _ = bench.forwarded()
    second = turn(bench, first)  # it came from alice before and from the proxy now: a spiral so far
    assert isinstance(second, Request)
    third = turn(bench, second)
    assert isinstance(third, Response)
    assert third.status_code == 482


@pytest.mark.parametrize(
    "changes",
    [
        {"Route": "<sip:192.0.2.10;lr>"},
        {"Proxy_Authorization": 'Digest username="alice"'},
        {"CSeq": "2 INVITE"},
    ],
)
def test_a_request_with_another_way_is_a_spiral(changes: dict[str, str]) -> None:
    """SRV-7: RFC 5393 §4.2.1: the mark varies with all that decides the way."""
    bench = Bench([Target(uri="sip:bob@192.0.2.10")])
    first, _ = bench.forwarded()
    second = turn(bench, first)
    assert isinstance(second, Request)
    assert isinstance(turn(bench, second, **changes), Request)


def test_another_request_uri_is_a_spiral() -> None:
    """SRV-7: RFC 5393 §4.2.1."""
    ways = {"sip:a@192.0.2.10": "sip:b@192.0.2.10", "sip:b@192.0.2.10": "sip:c@192.0.2.10"}
    bench = Bench(router=lambda request, source: [Target(uri=ways.get(request.uri, "sip:a@192.0.2.10"))])
    copy: Request | Response = bench.forwarded(uri="sip:a@192.0.2.10")[0]
    visits = []
    while isinstance(copy, Request):
        visits.append(copy.uri)
        copy = turn(bench, copy)
    assert copy.status_code == 482
    assert visits == [f"sip:{user}@192.0.2.10" for user in ("b", "c", "a", "b")]


def test_the_mark_is_the_second_part_of_a_branch_that_is_always_new() -> None:
    """SRV-7: RFC 5393 §4.2.1, RFC 3261 §8.1.1.7; CANCEL and ACK share their request's branch."""
    bench = Bench()
    invite = bench.request()
    bench.send(invite)
    ((copy, _),) = bench.sent()
    again, _ = bench.forwarded(call_id=invite.call_id)
    assert isinstance(copy, Request)
    first, second = copy.via.branch.split("."), again.via.branch.split(".")
    assert first[0] != second[0]
    assert first[0].startswith("z9hG4bK")
    assert first[1] == second[1]
    bench.respond(copy, 180)
    bench.sent()
    bench.send(bench.request("CANCEL", branch=invite.via.branch))
    cancel = next(message for message, _ in bench.sent() if isinstance(message, Request))
    assert cancel.via.branch == copy.via.branch
    bench.respond(copy, 487)
    ack = next(message for message, _ in bench.sent() if isinstance(message, Request))
    assert (ack.method, ack.via.branch) == ("ACK", copy.via.branch)


def test_strange_vias_of_others_do_not_matter() -> None:
    """SRV-7: RFC 5393 §4.2.4."""
    bench = Bench()
    odd = ['SIP/2.0/UDP h;a;b=;c="x,y";branch', "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK.", "!!"]
    copy, _ = bench.forwarded(extra=[("Via", value) for value in odd])
    assert copy.values("via")[2:] == odd


def test_a_loop_that_forks_is_cut_at_once() -> None:
    """SRV-7: RFC 5393 §3: two targets that lead back; the attack would make 2**70 requests."""
    users = ("bob", "rob")
    back = [Target(uri=f"sip:{u}@example.com", routes=(f"<sip:192.0.2.10;lr;x={u}>",)) for u in users]
    house = House([], router=lambda request, source: back)
    house.call()
    house.run()
    assert house.finals() == [482]
    assert len(house.wire.requests("INVITE")) < 20
    house.wire.assert_quiet()


# Max-Breadth


@pytest.mark.parametrize(
    ("received", "count", "shares"),
    [
        ("", 1, [60]),
        ("", 2, [30, 30]),
        ("100", 3, [20, 20, 20]),
        ("5", 2, [3, 2]),
        ("4", 4, [1, 1, 1, 1]),
        ("1", 1, [1]),
    ],
)
def test_breadth_is_shared_among_branches(received: str, count: int, shares: list[int]) -> None:
    """SRV-7: RFC 5393 §5.3.3: 60 when there is none or too much; all of it for a single branch."""
    bench = Bench([Target(uri=f"sip:bob@192.0.2.{101 + number}") for number in range(count)])
    bench.send(bench.request(extra=[("Max-Breadth", received)] if received else []))
    copies = [message for message, _ in bench.sent()]
    assert [copy.get_all("max-breadth") for copy in copies] == [[str(share)] for share in shares]


def test_a_fork_wider_than_allowed_is_done_piece_by_piece() -> None:
    """SRV-7: RFC 5393 §5.3.3.1, §5.5: eight targets, four at a time, each final response frees one."""
    bench = Bench([Target(uri=f"sip:bob@192.0.2.{101 + number}") for number in range(8)])
    bench.send(bench.request(extra=[("Max-Breadth", "4")]))
    waiting = [message for message, _ in bench.sent()]
    assert len(waiting) == 4
    begun = 4
    while waiting:
        copy = waiting.pop(0)
        assert isinstance(copy, Request)
        bench.respond(copy, 404)
        sent = [message for message, _ in bench.sent()]
        more = [m for m in sent if isinstance(m, Request) and m.method == "INVITE"]
        assert [m.get("max-breadth") for m in more] == ["1"] * len(more)
        assert len(more) == (1 if begun < 8 else 0)
        begun += len(more)
        waiting += more
        assert len(waiting) <= 4
    assert begun == 8


def test_a_proxy_may_refuse_wide_forks() -> None:
    """SRV-7: RFC 5393 §5.3.3: 440 Max-Breadth Exceeded."""
    bench = Bench([*BOB, Target(uri="sip:bob@192.0.2.102")], serialise_wide_forks=False)
    response = bench.answered(extra=[("Max-Breadth", "1")])
    assert (response.status_code, response.reason) == (440, "Max-Breadth Exceeded")
    bench.send(bench.request(cseq=2, extra=[("Max-Breadth", "2")]))
    assert bench.lines() == ["INVITE", "INVITE"]


def test_breadth_is_used_again_by_the_next_group() -> None:
    """SRV-7: RFC 5393 §5.2: sequential forking gives each branch all of it."""
    house = House(one_by_one("192.0.2.101", "192.0.2.102"), [(0, 486)], [(0, 200)])
    house.call([("Max-Breadth", "7")])
    house.run()
    assert [copy.get("max-breadth") for copy in house.wire.requests("INVITE", "proxy")] == ["7", "7"]


def test_cancel_has_no_breadth_and_ack_has() -> None:
    """SRV-7: RFC 5393 §5.3.3, §5.4.1."""
    bench = Bench()
    bench.send(bench.request("ACK", "sip:bob@192.0.2.101", to_tag="b"), CALLEE)
    bench.send(bench.request("CANCEL", "sip:bob@192.0.2.101"))
    assert [message.get("max-breadth") for message, _ in bench.sent()] == ["60", None]


def test_breadth_of_targets_is_never_exceeded_by_recursion() -> None:
    """SRV-7: RFC 5393 §5.3.3: a 3xx adds targets that wait for their share."""
    house = House(targets("192.0.2.101", "192.0.2.102"), [(0, 302)], [(1, 486)], [(0, 486)], recurse=True)
    house.bobs[0].extra = [("Contact", "<sip:bob@192.0.2.103>")]
    house.call([("Max-Breadth", "2")])
    house.run()
    assert [copy.get("max-breadth") for copy in house.wire.requests("INVITE", "proxy")] == ["1", "1", "2"]
    assert house.finals() == [486]
