"""Calls through a proxy: forks, CANCEL, timer C, lost transports (RFC 3261 §16.6 to §16.10)."""

from __future__ import annotations

import pytest

from sansio_sip.machine import Endpoint
from sansio_sip.proxy import FinalResponseSent, Later, ProxyConfig, Reply, RoutingNeeded, Target
from sansio_sip.resolve import ResolverConfig
from tests.sip.names import Zone
from tests.sip.proxy.phone import Phone
from tests.sip.proxy.setups import OUTBOUND, House, make_config, one_by_one, targets
from tests.sip.proxy.wire import ProxyNode, Wire

ONE, TWO, THREE = "192.0.2.101", "192.0.2.102", "192.0.2.103"
FOREVER = [(0.0, 180)]


def no_trying(_number: int, data: bytes) -> tuple[float, ...]:
    """The 100 of every phone is lost."""
    return () if data.startswith(b"SIP/2.0 100") and data.count(b"Via") > 1 else (0.01,)


def test_a_call_through_a_proxy_that_stays_on_the_path() -> None:
    """SRV-7: RFC 3261 §16.6 item 4, §16.12.1.1: ACK, BYE and requests of both sides go through it."""
    house = House(targets(ONE), [(0.1, 180), (1, 200)])
    house.call()
    bob = house.bobs[0]
    house.wire.at(3, lambda: bob.in_dialog("INFO", next(iter(bob.dialogs))))
    house.wire.at(4, lambda: house.alice.in_dialog("UPDATE"))
    house.wire.at(5, bob.hang_up)
    house.run()
    assert house.wire.lines("alice") == ["INVITE", "ACK", "200", "UPDATE", "200"]
    assert house.wire.lines("proxy", ONE) == ["INVITE", "ACK", "200", "UPDATE", "200"]
    assert house.wire.lines("proxy", "192.0.2.1") == ["180", "200", "INFO", "200", "BYE"]
    assert house.alice.received[-1].routes == []
    house.wire.assert_quiet()


def test_a_call_through_a_proxy_that_leaves() -> None:
    """SRV-7: RFC 3261 §16.6 item 4: what follows goes from phone to phone."""
    house = House(targets(ONE), [(0, 200)], record_route=False)
    house.call()
    house.wire.at(5, house.alice.hang_up)
    house.run()
    assert house.wire.lines("proxy") == ["INVITE", "200"]
    assert house.alice.heard[-1] == ("BYE", 200)
    house.wire.assert_quiet()


def test_trying_comes_when_nobody_else_answers_in_time() -> None:
    """SRV-7: RFC 3261 §16.2, §17.2.1: 100 after 200 ms, never that of a branch."""
    house = House(targets(ONE), [(1, 180), (2, 486)])
    house.call()
    house.run()
    assert house.alice.heard == [("INVITE", 100), ("INVITE", 180), ("INVITE", 486)]
    assert [entry.time for entry in house.wire.log if entry.source == "proxy"][1] == pytest.approx(0.21)


# Forking


def test_the_first_2xx_of_a_parallel_fork_wins_and_the_others_are_cancelled() -> None:
    """SRV-7: RFC 3261 §16.7 items 5 and 10."""
    house = House(targets(ONE, TWO, THREE), [(0.1, 180), (1, 200)], FOREVER, [(0.3, 180), (0.4, 404)])
    house.call()
    house.wire.at(5, house.alice.hang_up)
    house.run()
    assert house.finals() == [200]
    assert house.wire.lines("proxy", TWO) == ["INVITE", "CANCEL", "ACK"]
    assert "CANCEL" not in house.wire.lines("proxy", THREE) + house.wire.lines("proxy", ONE)
    assert [type(e) for e in house.node.events].count(FinalResponseSent) == 2
    house.wire.assert_quiet()


def test_every_2xx_is_forwarded_and_its_repeats_too() -> None:
    """SRV-7: RFC 3261 §16.7 item 5, RFC 6026 §7: two that answer at once are two dialogs."""
    house = House(targets(ONE, TWO), [(0, 180), (1, 200)], [(0, 180), (1, 200)])
    house.call()
    house.wire.at(20, house.alice.hang_up)
    house.run()
    assert house.finals() == [200, 200]
    assert house.alice.heard.count(("BYE", 200)) == 2
    house.wire.assert_quiet()


def test_a_2xx_after_the_server_transaction_is_gone_goes_without_state() -> None:
    """SRV-7: RFC 3261 §16.7 item 9: the second phone never heard the CANCEL and answers after 33 s."""
    lost = {"CANCEL"}
    house = House(
        targets(ONE, TWO),
        [(0, 180), (1, 200)],
        [(0, 180), (33.1, 200)],
        fate=lambda number, data: () if data.split(b" ")[0].decode() in lost else (0.01,),
        record_route=False,
    )
    house.call()
    house.wire.at(60, house.alice.hang_up)
    house.run()
    statuses = house.finals()
    assert statuses[0] == 200
    house.wire.assert_quiet()


def test_targets_are_tried_one_after_the_other() -> None:
    """SRV-7: RFC 3261 §16.6: by q; the next when the last has failed."""
    house = House(one_by_one(ONE, TWO, THREE), [(0, 180), (1, 486)], [(1, 404)], [(1, 200)])
    house.call()
    house.wire.at(20, house.alice.hang_up)
    house.run()
    begun = [
        (round(e.time), e.destination.host)
        for e in house.wire.log
        if e.source == "proxy" and e.data[:3] == b"INV"
    ]
    assert begun == [(0, ONE), (1, TWO), (2, THREE)]
    assert house.finals() == [200]
    house.wire.assert_quiet()


def test_targets_of_one_preference_are_tried_together_before_the_next() -> None:
    """SRV-7: RFC 3261 §16.6: groups."""
    routing = [Target(uri=f"sip:bob@{THREE}", q=0.3), *targets(ONE, TWO, q=0.8)]
    house = House(routing, [(1, 486)], [(2, 404)], [(0, 200)])
    house.call()
    house.run(20)
    invites = [entry for entry in house.wire.log if entry.data.startswith(b"INVITE sip:bob@192")]
    assert [entry.destination.host for entry in invites] == [ONE, TWO, THREE]
    assert house.finals() == [200]


def test_a_target_that_rings_too_long_is_cancelled_for_the_next() -> None:
    """SRV-7: RFC 3261 §16.10: a proxy may cancel its own branch at any time."""
    house = House(one_by_one(ONE, TWO, ring_time=10), FOREVER, [(0, 180), (2, 200)])
    house.call()
    house.wire.at(30, house.alice.hang_up)
    house.run()
    assert house.wire.lines("proxy", ONE) == ["INVITE", "CANCEL", "ACK"]
    assert house.finals() == [200]
    house.wire.assert_quiet()


def test_a_target_that_says_nothing_does_not_hold_the_next_one_up() -> None:
    """SRV-7: RFC 3261 §9.1: it cannot be cancelled yet; when it speaks at last, it is."""
    script = [(5, 180), (8, 200)]
    house = House(one_by_one(ONE, TWO, ring_time=3), script, [(0, 180), (2.5, 200)], fate=no_trying)
    house.call()
    house.wire.at(40, house.alice.hang_up)
    house.run()
    assert [round(e.time) for e in house.wire.log if e.data.startswith(b"INVITE sip:bob@192.0.2.102")] == [3]
    copies = house.wire.requests("INVITE", "proxy")
    assert {(copy.uri[-3:], copy.get("max-breadth")) for copy in copies} == {("101", "59"), ("102", "1")}
    assert "CANCEL" in house.wire.lines("proxy", ONE)
    assert house.finals() == [200]
    house.wire.assert_quiet()


def test_a_target_set_has_each_uri_once() -> None:
    """SRV-7: RFC 3261 §16.5."""
    house = House([*targets(ONE), *targets(ONE, q=0.5), Target(uri=f"sip:bob@{ONE};x=1")], [(0, 486)])
    house.call()
    house.run()
    assert house.wire.lines("proxy", ONE).count("INVITE") == 1


def test_a_6xx_ends_the_search_but_waits_for_the_others() -> None:
    """SRV-7: RFC 3261 §16.7 item 5: others are cancelled, no new ones begun, then the 6xx is sent."""
    routing = [*targets(ONE, TWO), Target(uri=f"sip:bob@{THREE}", q=0.1)]
    house = House(routing, [(0, 180), (1, 603)], FOREVER, [(0, 200)])
    house.call()
    house.run()
    assert house.wire.lines("proxy", TWO) == ["INVITE", "CANCEL", "ACK"]
    assert house.wire.lines("proxy", THREE) == []
    assert house.finals() == [603]
    times = {
        line: e.time for e in house.wire.log for line in [e.data.split(b"\r\n")[0]] if e.source == "proxy"
    }
    assert times[b"SIP/2.0 603 Decline"] > times[b"CANCEL sip:bob@192.0.2.102 SIP/2.0"]
    house.wire.assert_quiet()


def test_a_2xx_that_crosses_a_6xx_wins() -> None:
    """SRV-7: RFC 3261 §16.7 item 5: never 6xx and then 2xx."""
    house = House(targets(ONE, TWO), [(0, 180), (1, 603)], [(0, 180), (1.005, 200)])
    house.call()
    house.wire.at(10, house.alice.hang_up)
    house.run()
    assert house.finals() == [200]
    house.wire.assert_quiet()


def test_a_forked_request_other_than_invite_gets_one_answer_and_no_cancel() -> None:
    """SRV-7: RFC 3261 §16.7 item 5, §9.1; RFC 4320 §4.1: no 1xx."""
    house = House(targets(ONE, TWO, THREE), [(1, 200)], [(2, 200)], [(0.5, 183), (3, 200)])
    house.request("MESSAGE")
    house.run()
    assert house.alice.heard == [("MESSAGE", 200)]
    assert "CANCEL" not in house.wire.lines()
    house.wire.assert_quiet()


def test_a_request_that_nobody_answers_in_time_gets_100_late_and_no_408() -> None:
    """SRV-7, TXN-2: RFC 4320 §4.1, §4.2."""
    house = House(targets(ONE))
    house.request("OPTIONS")
    house.run()
    assert set(house.alice.heard[:-1]) == {("OPTIONS", 100)}
    assert house.alice.heard[-1] == ("OPTIONS", 0)
    trying = [
        entry.time
        for entry in house.wire.log
        if entry.data.startswith(b"SIP/2.0 100") and entry.source == "proxy"
    ]
    assert trying[0] == pytest.approx(3.51)
    assert "408" not in house.wire.lines()
    house.wire.assert_quiet()


# Redirection


def test_contacts_of_a_3xx_are_tried_where_the_proxy_recurses() -> None:
    """SRV-7: RFC 3261 §16.7 item 4: by q, each once; what cannot be tried goes back."""
    house = House(targets(ONE), [(0, 302)], [(0, 486)], [(0, 404)], recurse=True)
    house.bobs[0].extra = [
        ("Contact", f"<sip:bob@{THREE}>;q=0.2, <sip:bob@{TWO}>;q=0.9"),
        ("Contact", f"<mailto:bob@example.com>, <sip:bob@{ONE}>;q=oops"),
    ]
    house.call()
    house.run()
    invites = [
        e.destination.host for e in house.wire.log if e.data.startswith(b"INVITE") and e.source == "proxy"
    ]
    assert invites == [ONE, TWO, THREE]
    (final,) = [response for response in house.alice.responses if response.status_code >= 200]
    assert final.status_code == 302
    assert final.get_all("contact") == ["<mailto:bob@example.com>"]
    house.wire.assert_quiet()


def test_a_3xx_goes_back_where_the_proxy_does_not_recurse() -> None:
    """SRV-7: RFC 3261 §16.7 item 4; also where it must not: the target was not ours to change."""
    house = House(targets(ONE), [(0, 302)], [(0, 200)])
    house.bobs[0].extra = [("Contact", f"<sip:bob@{TWO}>")]
    house.call()
    house.run()
    assert house.finals() == [302]
    foreign = House(targets(ONE), [(0, 302)], [(0, 200)], recurse=True)
    foreign.bobs[0].extra = [("Contact", f"<sip:bob@{TWO}>")]
    foreign.alice.call(f"sip:bob@{ONE}", routes=[OUTBOUND])
    foreign.run()
    assert foreign.finals() == [302]


@pytest.mark.parametrize("contacts", [["<sip:bob"], [], ["<mailto:b@example.com>"], ["*"]])
def test_a_3xx_without_a_usable_contact_goes_back_as_it_came(contacts: list[str]) -> None:
    """SRV-7: RFC 3261 §16.7 item 4."""
    house = House(targets(ONE), [(0, 300)], recurse=True)
    house.bobs[0].extra = [("Contact", contact) for contact in contacts]
    house.call()
    house.run()
    assert house.alice.responses[-1].status_code == 300
    assert house.alice.responses[-1].get_all("contact") == contacts


def test_a_secure_request_recurses_to_secure_contacts_only() -> None:
    """SRV-7: RFC 3261 §16.7 item 4."""
    wire = Wire()
    config = make_config(sent_by={"TLS": ("192.0.2.10", 5061)}, recurse=True)
    router = lambda request, source: [Target(uri=f"sips:bob@{ONE}:5060")]  # noqa: E731
    ProxyNode(wire, "proxy", config, router)
    alice = Phone(wire, "alice", "192.0.2.1", transport="TLS")
    bob1 = Phone(wire, "bob1", ONE, transport="TLS", script=[(0, 302)])
    Phone(wire, "bob2", TWO, transport="TLS", script=[(0, 486)])
    bob1.extra = [("Contact", f"<sip:bob@{THREE}>, <sips:bob@{TWO}:5060>")]
    alice.call("sips:bob@example.com", routes=["<sips:192.0.2.10;lr>"])
    wire.run()
    assert [entry.destination.host for entry in wire.log if entry.data.startswith(b"INVITE")] == [
        "192.0.2.10",
        ONE,
        TWO,
    ]
    assert alice.responses[-1].get_all("contact") == [f"<sip:bob@{THREE}>"]


def test_a_416_to_our_tel_uri_is_tried_as_sip() -> None:
    """SRV-7: RFC 3261 §16.7 item 4, §19.1.6."""
    tel = Target(uri="tel:+1-555;isub=3", routes=(f"<sip:{ONE};lr>",))
    house = House([tel], [(0, 416)], recurse=True)
    house.call()
    house.run(20)
    uris = [request.uri for request in house.wire.requests("INVITE", "proxy")]
    assert uris == ["tel:+1-555;isub=3", f"sip:+1-555;isub=3@{ONE};user=phone"]


@pytest.mark.parametrize(
    "target", [Target(uri=f"sip:bob@{ONE}"), Target(uri="tel:+1", flow=Endpoint("UDP", ONE, 5060)),
               Target(uri="tel:+1", routes=("<tel:+2>",), flow=Endpoint("UDP", ONE, 5060))]
)  # fmt: skip
def test_another_416_goes_back(target: Target) -> None:
    """SRV-7: RFC 3261 §16.7 item 4: there is no host for its number."""
    house = House([target], [(0, 416)], recurse=True)
    house.call()
    house.run()
    assert house.finals() == [416]


# CANCEL


def test_cancel_reaches_every_branch_that_rings() -> None:
    """SRV-7: RFC 3261 §16.10: 200 to the CANCEL at once, 487 when the branches have ended."""
    house = House(targets(ONE, TWO), FOREVER, [(0.05, 180), (0.1, 486)])
    house.call()
    house.wire.at(2, house.alice.cancel)
    house.run()
    assert house.alice.heard[-2:] == [("CANCEL", 200), ("INVITE", 487)] or house.finals() == [486]
    assert house.wire.lines("proxy", ONE) == ["INVITE", "CANCEL", "ACK"]
    assert house.wire.lines("proxy", TWO) == ["INVITE", "ACK"]
    house.wire.assert_quiet()


@pytest.mark.parametrize("at", [0.995, 1.0, 1.005, 1.01, 1.015, 1.02, 1.025])
def test_cancel_that_crosses_a_2xx_loses(at: float) -> None:
    """SRV-7, TXN-4: whoever is first, both sides end quiet, and a 2xx is always forwarded."""
    house = House(targets(ONE), [(0.1, 180), (1, 200)])
    house.call()
    house.wire.at(at, house.alice.cancel)
    house.wire.at(10, house.alice.hang_up)
    house.run()
    sent = [entry.data for entry in house.wire.log if entry.source == "bob1"]
    answered = any(b"200 OK" in data and b"1 INVITE" in data for data in sent)
    assert house.finals() in ([200], [487])
    assert not answered or house.finals() == [200]
    house.wire.assert_quiet()


def test_cancel_before_any_answer_waits_for_one() -> None:
    """SRV-7: RFC 3261 §9.1: the phone says nothing for 3 s, then it is cancelled."""
    house = House(targets(ONE), [(3, 180)], fate=no_trying)
    house.call()
    house.wire.at(0.5, house.alice.cancel)
    house.run()
    assert house.wire.lines("proxy", ONE)[-2:] == ["CANCEL", "ACK"]
    assert house.finals() == [487]
    house.wire.assert_quiet()


def test_cancel_to_phones_that_never_speak_ends_with_their_timeout() -> None:
    """SRV-7: RFC 3261 §16.7 item 6: no response at all is 408."""
    house = House(one_by_one("203.0.113.1", ONE), [(0, 200)])
    house.call()
    house.wire.at(1, house.alice.cancel)
    house.run()
    assert house.finals() == [408]
    assert house.wire.lines("proxy", ONE) == []
    house.wire.assert_quiet()


def test_a_phone_that_ignores_its_cancel_is_given_up_after_64_t1() -> None:
    """SRV-7: RFC 3261 §9.1."""
    house = House(targets(ONE), FOREVER)
    house.bobs[0]._cancelled = lambda key, cancel: house.bobs[0]._respond(key, cancel, 200)  # type: ignore[method-assign,assignment]
    house.call()
    house.wire.at(5, house.alice.cancel)
    house.run(100)
    final = [entry.time for entry in house.wire.log if entry.data.startswith(b"SIP/2.0 487")]
    assert final[0] == pytest.approx(37.01)
    assert house.finals() == [487]
    assert house.node.leftovers() == {"contexts": 0, "transactions": 0}


def test_a_cancel_while_a_name_is_looked_up_takes_the_request_back() -> None:
    """SRV-7: RFC 3261 §16.10: nobody has it, so nobody is cancelled."""
    house = House([Target(uri="sip:bob@slow.example.net"), *targets(ONE, q=0.5)], [(0, 200)])
    house.call()
    house.wire.at(1, house.alice.cancel)
    house.run()
    assert house.finals() == [487]
    assert "CANCEL" not in house.wire.lines("proxy")
    house.wire.assert_quiet()


def test_a_cancel_for_nothing_goes_on_without_state() -> None:
    """SRV-7: RFC 3261 §16.10: the request may have gone through without state as well."""
    house = House(targets(ONE), FOREVER)
    cancel = house.alice.request("CANCEL", f"sip:bob@{ONE}", routes=[OUTBOUND])
    house.run(100)
    assert cancel.via.branch
    assert set(house.wire.lines("proxy")) == {"CANCEL"}
    assert house.bobs[0].received[0].method == "CANCEL"
    assert house.alice.heard == [("CANCEL", 0)]
    house.wire.assert_quiet()


def test_a_cancel_of_a_refused_invite_gets_200() -> None:
    """SRV-7: RFC 3261 §9.2: the transaction is there, though nothing can be cancelled any more."""
    house = House(Reply(404))
    house.call()
    house.wire.at(0.015, house.alice.cancel)
    house.run()
    assert ("CANCEL", 200) in house.alice.heard
    assert house.finals() == [404]
    house.wire.assert_quiet()


# Timers and transports


def test_timer_c_cancels_a_phone_that_rings_for_ever() -> None:
    """SRV-7, TXN-2: RFC 3261 §16.8: more than three minutes after the last provisional response."""
    house = House(targets(ONE), [(0, 180), (100, 183)])
    house.call()
    house.run()
    cancel = [entry.time for entry in house.wire.log if entry.data.startswith(b"CANCEL")]
    assert cancel == [pytest.approx(100.03 + 185)]
    assert house.finals() == [487]
    house.wire.assert_quiet()


def test_timer_c_is_not_restarted_by_100() -> None:
    """SRV-7, TXN-2: RFC 3261 §16.7 item 2."""
    house = House(targets(ONE), [(100, 100)])
    house.call()
    house.run()
    assert [e.time for e in house.wire.log if e.data.startswith(b"CANCEL")] == [pytest.approx(0.01 + 185)]
    house.wire.assert_quiet()


def test_timer_c_without_any_response_counts_as_408() -> None:
    """SRV-7, TXN-2: RFC 3261 §16.8: where T1 is so long that timer B comes later, or the DNS is silent."""
    house = House([Target(uri="sip:bob@silent.example.net")], resolver=ResolverConfig(timeout=500.0))
    house.call()
    house.run()
    assert house.finals() == [408]
    assert next(entry.time for entry in house.wire.log if b"408" in entry.data[:12]) == pytest.approx(185.01)
    house.wire.assert_quiet()


def test_a_phone_that_is_not_there_gives_408() -> None:
    """SRV-7: RFC 3261 §16.7 item 6: timer B."""
    house = House(targets("203.0.113.1"))
    house.call()
    house.run()
    assert house.finals() == [408]
    house.wire.assert_quiet()


def test_a_lost_transport_counts_as_503_and_the_next_target_is_tried() -> None:
    """SRV-7: RFC 3261 §16.9."""
    house = House(one_by_one(ONE, TWO), [(0, 200)], [(0, 486)])
    house.wire.closed.add((ONE, 5060))
    house.call()
    house.run()
    assert house.finals() == [486]
    alone = House(targets(ONE), [(0, 200)])
    alone.wire.closed.add((ONE, 5060))
    alone.call()
    alone.run()
    assert alone.finals() == [500]
    for each in (house, alone):
        each.wire.assert_quiet()


@pytest.mark.parametrize(
    "uri", ["tel:+1", "sip:bob@h.invalid", f"sip:bob@{ONE};transport=tcp", "mailto:b@example.com"]
)
@pytest.mark.parametrize("method", ["INVITE", "MESSAGE"])
def test_targets_that_cannot_be_sent_to_count_as_503(uri: str, method: str) -> None:
    """SRV-7: RFC 3261 §16.9: all fail at once, whichever order."""
    house = House([Target(uri=uri), *targets(ONE, q=0.5), Target(uri=f"{uri}", q=0.1)], [(0, 404)])
    house.alice.request(method, "sip:bob@example.com", routes=[OUTBOUND])
    house.run()
    assert [status for _, status in house.alice.heard] == [404]
    alone = House([Target(uri=uri)])
    alone.alice.request(method, "sip:bob@example.com", routes=[OUTBOUND])
    alone.run()
    assert [status for _, status in alone.alice.heard] == [500]
    for each in (house, alone):
        each.wire.assert_quiet()


def test_a_failed_target_leaves_the_rest_of_its_group() -> None:
    """SRV-7: RFC 3261 §16.9."""
    house = House([Target(uri="tel:+1"), *targets(ONE), Target(uri="tel:+2")], [(0, 200)])
    house.call()
    house.wire.at(5, house.alice.hang_up)
    house.run()
    assert house.finals() == [200]
    house.wire.assert_quiet()


def test_names_are_looked_up() -> None:
    """SRV-7: RFC 3261 §16.6 item 7."""
    house = House(
        [Target(uri="sip:bob@phone.example.net")],
        [(0, 200)],
        hosts={"phone.example.net": Endpoint("UDP", ONE, 5060)},
    )
    house.call()
    house.wire.at(5, house.alice.hang_up)
    house.run()
    assert house.finals() == [200]
    house.wire.assert_quiet()


@pytest.mark.parametrize(("first", "after"), [("203.0.113.1", 32), (TWO, 0)])
def test_a_branch_goes_to_the_next_server_of_its_domain(first: str, after: float) -> None:
    """SRV-7, TRN-11: RFC 3261 §16.6 item 7: the caller hears nothing of a dead server."""
    house = House([Target(uri="sip:bob@phone.example.net:5060")], [(0, 200)], [(0, 503)])
    house.node.zone = Zone({"phone.example.net": [first, ONE]})
    house.call()
    house.wire.at(40, house.alice.hang_up)
    house.run()
    assert house.finals() == [200]
    answer = next(entry for entry in house.wire.log if entry.data.startswith(b"SIP/2.0 200"))
    assert after <= answer.time < after + 1
    assert answer.data.count(b"Record-Route") == 1
    assert house.node.proxy.statistics().failovers == 1
    house.wire.assert_quiet()


def test_a_cancelled_branch_goes_to_no_other_server() -> None:
    """SRV-7, TXN-4: RFC 3261 §16.10: the first one stays silent, the second hears nothing."""
    house = House([Target(uri="sip:bob@phone.example.net:5060")], [(0, 200)])
    house.node.zone = Zone({"phone.example.net": ["203.0.113.1", ONE]})
    house.call()
    house.wire.at(1, house.alice.cancel)
    house.run()
    assert house.finals() == [408]
    assert house.node.proxy.statistics().failovers == 0
    house.wire.assert_quiet()


# Targets that come later


@pytest.mark.parametrize(
    ("routing", "final"), [(targets(ONE), 200), ([], 480), (Reply(404), 404), (Reply(600), 600)]
)
def test_targets_may_come_later(routing: list[Target] | Reply, final: int) -> None:
    """SRV-7: RFC 3261 §16.5: from a database that has to be asked."""
    house = House(Later(), [(0, 200)])
    house.call()
    house.run(1.0)
    (needed,) = [event for event in house.node.events if isinstance(event, RoutingNeeded)]
    assert needed.request.routes == []
    house.node.proxy.route(needed.context, routing, 1.0)
    house.wire.at(5, house.alice.hang_up)
    house.run()
    assert house.finals() == [final]
    house.node.proxy.route(needed.context, routing, 90.0)  # gone by now
    house.wire.assert_quiet()


def test_a_cancel_does_not_wait_for_targets() -> None:
    """SRV-7: RFC 3261 §16.10: and targets that come after it are not used."""
    house = House(Later(), [(0, 200)])
    house.call()
    house.wire.at(1, house.alice.cancel)
    house.wire.at(2, lambda: house.node.proxy.route(1, targets(ONE), 2.0))
    house.run()
    assert house.finals() == [487]
    assert house.wire.lines("proxy", ONE) == []
    house.wire.assert_quiet()


def test_the_router_may_answer_options_for_the_proxy() -> None:
    """SRV-7: RFC 3261 §16.3: what is for the proxy itself."""
    house = House(Reply(200, (("Allow", "INVITE"),)))
    house.request("OPTIONS")
    later = House(Later())
    later.request("OPTIONS")
    later.wire.at(0.5, lambda: later.node.proxy.route(1, Reply(200), 0.5))
    for each in (house, later):
        each.run()
        assert each.alice.heard == [("OPTIONS", 200)]
        each.wire.assert_quiet()


# Two proxies, two transports


@pytest.mark.parametrize(("left", "right"), [("UDP", "UDP"), ("TCP", "UDP"), ("UDP", "TCP"), ("TLS", "UDP")])
def test_a_trapezoid_over_any_transports(left: str, right: str) -> None:
    """SRV-7: RFC 3261 §16.12.1.1: two proxies that stay; each side uses its own transport throughout."""
    wire = Wire()
    port = {"UDP": 5060, "TCP": 5060, "TLS": 5061}
    for name, host, domain, target in (
        ("p1", "192.0.2.10", "example.com", ""),
        ("p2", "192.0.2.20", "example.net", f"sip:bob@{ONE}" + (";transport=tcp" if right == "TCP" else "")),
    ):
        config = ProxyConfig(
            sent_by={transport: (host, port[transport]) for transport in {"UDP", left, right}},
            domains=frozenset({domain}),
        )
        routing = [Target(uri=target)] if target else Reply(404)
        hosts = {"example.net": Endpoint("UDP", "192.0.2.20", 5060)}
        ProxyNode(wire, name, config, lambda request, source, routing=routing: routing, hosts=hosts)  # type: ignore[misc]
    alice = Phone(wire, "alice", "192.0.2.1", transport=left)
    bob = Phone(wire, "bob", ONE, transport=right, script=[(0.5, 180), (1, 200)])
    suffix = {"UDP": "", "TCP": ";transport=tcp", "TLS": ":5061;transport=tls"}[left]
    alice.call("sip:bob@example.net", routes=[f"<sip:192.0.2.10{suffix};lr>"])
    wire.at(3, lambda: alice.in_dialog("UPDATE"))
    wire.at(5, bob.hang_up)
    wire.run()
    assert [status for what, status in alice.heard if status != 100] == [180, 200, 200]
    assert ("BYE", 200) in bob.heard
    assert {entry.destination.transport for entry in wire.log if entry.destination.host == "192.0.2.1"} == {
        left
    }
    assert {entry.destination.transport for entry in wire.log if entry.destination.host == ONE} == {right}
    assert {
        e.destination.transport for e in wire.log if (e.source, e.destination.host) == ("p1", "192.0.2.20")
    } == {"UDP"}
    wire.assert_quiet()


# The end


def test_closing_cancels_what_rings_and_refuses_what_is_new() -> None:
    """SRV-7, law 8: closed when nothing is owed; an ACK still goes through."""
    house = House(targets(ONE), FOREVER)
    proxy = house.node.proxy
    house.call()
    house.run(2.0)
    closed = []
    for _ in range(2):
        proxy.close(2.0)
        closed.append(proxy.closed)
    house.request("OPTIONS")
    house.run()
    assert ("OPTIONS", 503) in house.alice.heard
    assert house.finals() == [487]
    assert [*closed, proxy.closed] == [False, False, True]
    house.wire.assert_quiet()
