"""A registration: what it sends, when it sends again, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.auth import Credentials
from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request
from sansio_sip.register import (
    BackOff,
    Registered,
    RegistrationConfig,
    RegistrationFailed,
    RegistrationState,
    Unregistered,
    keep_alive_interval,
)
from tests.sip.register.peer import SETTINGS, Phone

ALICE = Credentials("alice", "secret")
URN = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
OUTBOUND: dict[str, Any] = {"instance": URN, "reg_id": 1}


def challenge(nonce: str = "n1", more: str = "", *, proxy: bool = False) -> tuple[str, str]:
    name = "Proxy-Authenticate" if proxy else "WWW-Authenticate"
    return (name, f'Digest realm="example.com", nonce="{nonce}", qop="auth", algorithm=MD5{more}')


def cseq(request: Request) -> int:
    return request.cseq.number


def test_a_register_has_what_the_rfc_asks_for() -> None:
    """CLI-2, RFC 3261 §10.2: Request-URI without user, To, From, Call-ID, CSeq, Contact, Expires."""
    phone = Phone(software="phone/1")
    request = phone.register()
    assert request.uri == "sip:192.0.2.10"
    assert request.get("to") == "<sip:alice@192.0.2.10>"
    assert (request.get("from") or "").startswith("<sip:alice@192.0.2.10>;tag=")
    assert cseq(request) == 1
    assert request.get("contact") == "<sip:alice@192.0.2.1:5060>;expires=3600"
    assert request.expires == 3600
    assert request.supported == ("path",)
    assert request.get("user-agent") == "phone/1"


def test_it_goes_through_the_outbound_proxy() -> None:
    """CLI-2, RFC 5626 §4.2.1: the topmost Route is the outbound proxy."""
    phone = Phone(route=("<sip:192.0.2.77;lr>",))
    phone.registration.register(0.0)
    transmit = phone.registration.next_transmit()
    assert transmit is not None
    assert transmit.destination.host == "192.0.2.77"


def test_somebody_registers_on_behalf_of_another() -> None:
    """RFC 3261 §10.2: From is who registers, To whose registration it is."""
    request = Phone(on_behalf_of="<sip:boss@example.com>", instance=URN).register()
    assert (request.get("from") or "").startswith("<sip:boss@example.com>;tag=")
    assert request.get("to") == "<sip:alice@192.0.2.10>"
    assert "+sip.instance" not in (request.get("contact") or "")  # RFC 5626 §4.2.3


def test_success_is_told_with_all_that_the_answer_brings() -> None:
    """CLI-2, RFC 3608 §6.1, RFC 3327 §5.1, RFC 5627 §4.2, RFC 5626 §4.2.1."""
    phone = Phone(**OUTBOUND)
    request = phone.register()
    assert request.supported == ("path", "outbound", "gruu")
    own = (
        f'<sip:alice@192.0.2.1:5060>;+sip.instance="<{URN}>";reg-id=1;expires=1800;'
        'pub-gruu="sip:alice@example.com;gr=x";temp-gruu="sip:t@example.com;gr"'
    )
    extra = [
        ("Contact", f"<sip:alice@192.0.2.9>;expires=7, {own}"),
        ("Service-Route", "<sip:p2.example.com;lr>, <sip:p1.example.com;lr>"),
        ("Path", "<sip:edge.example.com;lr;ob>"),
        ("Require", "outbound"),
        ("Flow-Timer", "120"),
    ]
    phone.answer(request, 200, extra, contact="")
    event = phone.event()
    assert isinstance(event, Registered)
    assert (event.expires, event.refreshed) == (1800, False)
    assert event.bindings == ("<sip:alice@192.0.2.9>;expires=7", own)
    assert event.service_route == ("<sip:p2.example.com;lr>", "<sip:p1.example.com;lr>")
    assert event.path == ("<sip:edge.example.com;lr;ob>",)
    assert (event.pub_gruu, event.temp_gruu) == ("sip:alice@example.com;gr=x", "sip:t@example.com;gr")
    assert event.outbound
    assert event.flow_timer == 120
    assert phone.registration.service_route == event.service_route
    assert phone.registration.registered
    assert "REGISTERED" in repr(phone.registration)


@pytest.mark.parametrize(
    ("transport", "extra", "interval"),
    [
        ("udp", (), None),
        ("udp", (("Require", "outbound"),), 29.0),
        ("tls", (("Require", "outbound"),), 120.0),
        ("tls", (("Require", "outbound"), ("Flow-Timer", "40")), 40.0),
        ("tls", (("Flow-Timer", "40"),), None),
    ],
)
def test_registered_flow_needs_keep_alives_where_the_registrar_counts_on_it(
    transport: str, extra: tuple[tuple[str, str], ...], interval: float | None
) -> None:
    """NAT-1, RFC 5626 §4.4.1, §4.4.2."""
    phone = Phone(**OUTBOUND, registrar=f"sip:192.0.2.10;transport={transport}")
    phone.answer(phone.register(), 200, extra)
    event = phone.event()
    assert isinstance(event, Registered)
    assert event.flow is not None
    assert event.flow.transport == transport.upper()
    assert event.keep_alive == interval


@pytest.mark.parametrize(
    ("contacts", "extra", "granted"),
    [
        ("<sip:alice@192.0.2.1:5060>;expires=60", (), 60),
        ("<sip:alice@192.0.2.1:5060>", (("Expires", "70"),), 70),
        ("<sip:alice@192.0.2.1:5060>", (), 3600),
        ("<sip:alice@192.0.2.1:5060>;expires=x", (), 3600),
        ("<sip:alice@203.0.113.5:4444>;expires=80", (), 80),
        ("", (("Expires", "90"),), 90),
        ("", (), 3600),
        ("<sip:bob@192.0.2.9>;expires=100", (("Expires", "95"),), 95),
        ("<sip:alice@192.0.2.1:5060>;expires=99999999999999", (), 2**32 - 1),
    ],
)
def test_the_servers_value_counts(contacts: str, extra: tuple[tuple[str, str], ...], granted: int) -> None:
    """CLI-2, RFC 3261 §10.2.4: the expires of our contact, else the Expires header, else what we asked."""
    phone = Phone()
    phone.answer(phone.register(), 200, extra, contact=contacts)
    event = phone.event()
    assert isinstance(event, Registered)
    assert event.expires == granted


def test_a_registrar_may_leave_the_instance_out() -> None:
    """RFC 5626 §4.2.1: then the URI tells which contact is ours."""
    phone = Phone(**OUTBOUND)
    contacts = (
        f'<sip:alice@192.0.2.5>;expires=9;+sip.instance="<urn:x>", <sip:alice@192.0.2.1:5060>;expires=50,'
        f'<sip:alice@192.0.2.6>;expires=8;+sip.instance="<{URN}>";reg-id=2'
    )
    phone.answer(phone.register(), 200, contact=contacts)
    event = phone.event()
    assert isinstance(event, Registered)
    assert event.expires == 50


def test_the_shortest_of_several_contacts_decides() -> None:
    """CLI-2, RFC 3261 §10.2.1.2: several contacts with q."""
    phone = Phone(contacts=("<sip:alice@192.0.2.1>;q=0.5", "<sip:alice@192.0.2.1:5070>;q=0.3"))
    request = phone.register()
    assert [contact.param("q") for contact in request.contacts] == ["0.5", "0.3"]
    values = "<sip:alice@192.0.2.1>;expires=600, <sip:alice@192.0.2.1:5070>;expires=300"
    phone.answer(request, 200, contact=values)
    event = phone.event()
    assert isinstance(event, Registered)
    assert event.expires == 300


@pytest.mark.parametrize(
    ("expires", "earliest", "latest"), [(3600, 2700, 3240), (100, 68, 68), (64, 32, 32), (20, 10, 10)]
)
def test_the_refresh_is_early_enough(expires: int, earliest: float, latest: float) -> None:
    """CLI-2, RFC 5627 §4.2: 32 s before the end at least, or half-way when there are less than 64 s."""
    phone = Phone()
    first = phone.registered(expires)
    refresh = phone.next_try()
    assert earliest <= phone.now <= latest
    assert refresh.call_id == first.call_id
    assert cseq(refresh) == cseq(first) + 1
    phone.answer(refresh, 200, expires=expires)
    event = phone.event()
    assert isinstance(event, Registered)
    assert event.refreshed


def test_a_challenge_is_answered_and_the_nonce_used_again() -> None:
    """CLI-2, RFC 3261 §22.2: CSeq rises; a refresh carries credentials with the next nonce count."""
    phone = Phone(credentials=(ALICE,))
    first = phone.register()
    phone.answer(first, 401, [challenge()])
    second = phone.request()
    assert cseq(second) == 2
    assert second.get("authorization")
    assert second.via.branch != first.via.branch
    phone.answer(second, 200)
    refresh = phone.next_try()
    assert (refresh.get("authorization") or "").endswith("nc=00000002")


def test_a_proxy_and_a_registrar_may_both_challenge() -> None:
    """SES-30, RFC 3261 §22.3: 407, then 401; both are answered from then on."""
    phone = Phone(credentials=(ALICE,))
    phone.answer(phone.register(), 407, [challenge("p", proxy=True)])
    second = phone.request()
    assert second.get("proxy-authorization")
    phone.answer(second, 401, [challenge("r")])
    third = phone.request()
    assert third.get("authorization")
    assert third.get("proxy-authorization")
    phone.answer(third, 200)
    refresh = phone.next_try()
    assert refresh.get("authorization")
    assert refresh.get("proxy-authorization")


def test_a_wrong_password_is_not_tried_twice() -> None:
    """SES-30: 401 once; the registration waits for its user, and starts afresh when told to."""
    phone = Phone(credentials=(ALICE,))
    phone.answer(phone.register(), 401, [challenge("n1")])
    phone.answer(phone.request(), 401, [challenge("n2")])
    event = phone.event()
    assert isinstance(event, RegistrationFailed)
    assert (event.status_code, event.retry_in, event.bound) == (401, None, False)
    assert phone.state() is RegistrationState.FAILED
    phone.pass_time(100)
    assert phone.registration.deadline is None
    assert phone.register().get("authorization") is None


def test_a_stale_nonce_is_replaced_once() -> None:
    """SES-30: stale once, then no more."""
    phone = Phone(credentials=(ALICE,))
    phone.answer(phone.register(), 401, [challenge("n1")])
    phone.answer(phone.request(), 401, [("WWW-Authenticate", "Digest"), challenge("n2", ", stale=true")])
    third = phone.request()
    assert 'nonce="n2"' in (third.get("authorization") or "")
    phone.answer(third, 401, [challenge("n3", ", stale=true")])
    assert isinstance(phone.event(), RegistrationFailed)


def test_a_nonce_that_ran_out_at_a_refresh_is_replaced() -> None:
    """SES-30: the refresh with the old nonce meets a new challenge."""
    phone = Phone(credentials=(ALICE,))
    phone.answer(phone.register(), 401, [challenge("n1")])
    phone.answer(phone.request(), 200)
    phone.events()
    phone.answer(phone.next_try(), 401, [challenge("n2", ", stale=true")])
    assert 'nonce="n2"' in (phone.request().get("authorization") or "")


def test_a_challenge_without_credentials_is_a_refusal() -> None:
    """SES-30."""
    phone = Phone()
    phone.answer(phone.register(), 401, [challenge()])
    assert isinstance(phone.event(), RegistrationFailed)


def test_423_is_obeyed_twice() -> None:
    """SES-30, RFC 3261 §10.2.8: Min-Expires is asked for; cap 2."""
    phone = Phone(expires=60, credentials=(ALICE,))
    phone.answer(phone.register(), 401, [challenge()])
    phone.answer(phone.request(), 423, [("Min-Expires", "120")])
    second = phone.request()
    assert second.expires == 120
    assert (second.get("contact") or "").endswith(";expires=120")
    assert (second.get("authorization") or "").endswith("nc=00000002")
    phone.answer(second, 423, [("Min-Expires", "240")])
    third = phone.request()
    phone.answer(third, 423, [("Min-Expires", "480")])
    event = phone.event()
    assert isinstance(event, RegistrationFailed)
    assert event.retry_in is not None
    assert phone.next_try().expires == 240


@pytest.mark.parametrize("extra", [(), (("Min-Expires", "x"),), (("Min-Expires", "60"),)])
def test_a_423_that_asks_for_nothing_more_is_a_failure(extra: tuple[tuple[str, str], ...]) -> None:
    """SES-30: no endless repeat."""
    phone = Phone(expires=60)
    phone.answer(phone.register(), 423, extra)
    assert isinstance(phone.event(), RegistrationFailed)


def test_a_redirect_is_followed_but_not_for_ever() -> None:
    """SES-30, RFC 3261 §8.1.3.4: five hops."""
    phone = Phone()
    request = phone.register()
    for number in range(5):
        target = f"sip:192.0.2.{20 + number}"
        phone.answer(request, 302, contact=f"<tel:+1>, <{target}>")
        request = phone.request()
        assert request.uri == target
    phone.answer(request, 302, contact="<sip:192.0.2.30>")
    assert isinstance(phone.event(), RegistrationFailed)


@pytest.mark.parametrize("contact", ["", "<tel:+1>", "<sip:a", "<sip:192.0.2.20>"])
def test_a_redirect_that_leads_nowhere_is_a_refusal(contact: str) -> None:
    """SES-30: also one from TLS to a clear transport."""
    phone = Phone(address="<sips:alice@192.0.2.10>", contacts=("<sips:alice@192.0.2.1>",))
    request = phone.register()
    assert request.uri == "sips:192.0.2.10"
    phone.answer(request, 302, contact=contact)
    event = phone.event()
    assert isinstance(event, RegistrationFailed)
    assert event.retry_in is None


def test_439_is_met_by_registering_without_outbound() -> None:
    """RFC 5626 §4.2.1, §11.6."""
    phone = Phone(**OUTBOUND)
    phone.answer(phone.register(), 439)
    second = phone.request()
    assert "outbound" not in second.supported
    assert "reg-id" not in (second.get("contact") or "")
    assert "+sip.instance" in (second.get("contact") or "")
    phone.answer(second, 439)
    assert isinstance(phone.event(), RegistrationFailed)


@pytest.mark.parametrize("status", [400, 403, 404, 420, 501, 505, 600])
def test_a_refusal_waits_for_the_user(status: int) -> None:
    """CLI-2: what another try does not change is not tried."""
    phone = Phone()
    phone.answer(phone.register(), status)
    event = phone.event()
    assert isinstance(event, RegistrationFailed)
    assert (event.status_code, event.retry_in) == (status, None)
    assert phone.registration.deadline is None


def test_failures_back_off_with_jitter() -> None:
    """CLI-2, RFC 5626 §4.5: 30 to 60 s at first, doubling, 15 to 30 min at most."""
    phone = Phone()
    request = phone.register()
    waits: list[float] = []
    for _ in range(9):
        phone.answer(request, 500)
        event = phone.event()
        assert isinstance(event, RegistrationFailed)
        assert event.retry_in is not None
        assert phone.registration.deadline == phone.now + event.retry_in
        waits.append(event.retry_in)
        request = phone.next_try()
    for number, wait in enumerate(waits, 1):
        upper = min(1800, 30 * 2**number)
        assert upper / 2 <= wait <= upper
    phone.answer(request, 200)
    phone.events()
    phone.answer(phone.next_try(), 500)
    event = phone.event()
    assert isinstance(event, RegistrationFailed)
    assert event.retry_in is not None
    assert event.retry_in <= 60
    assert event.bound


def test_the_wait_is_longer_while_another_flow_is_up() -> None:
    """RFC 5626 §4.5: 90 s instead of 30."""
    phone = Phone()
    phone.registration.other_flows = True
    phone.answer(phone.register(), 500)
    event = phone.event()
    assert isinstance(event, RegistrationFailed)
    assert event.retry_in is not None
    assert 90 <= event.retry_in <= 180


def test_waits_of_different_phones_differ() -> None:
    """RFC 5626 §4.5: jitter comes from ids, and the same seed gives the same."""

    def wait(seed: int) -> float | None:
        phone = Phone(seed)
        phone.answer(phone.register(), 503)
        phone.events()
        return phone.registration.deadline

    assert len({wait(seed) for seed in range(20)}) == 20
    assert wait(3) == wait(3)


@pytest.mark.parametrize(("text", "wait"), [("17", 17.0), ("0", 0.0), ("18 (soon);duration=9", 18.0)])
def test_retry_after_is_obeyed(text: str, wait: float) -> None:
    """SES-30, RFC 5626 §4.2.1: also zero, but zero only once."""
    phone = Phone()
    phone.answer(phone.register(), 503, [("Retry-After", text)])
    event = phone.event()
    assert isinstance(event, RegistrationFailed)
    assert event.retry_in == wait
    phone.answer(phone.next_try(), 503, [("Retry-After", text)])
    event = phone.event()
    assert isinstance(event, RegistrationFailed)
    assert event.retry_in is not None
    assert event.retry_in >= 60


def test_a_retry_after_that_cannot_be_read_is_ignored() -> None:
    """SES-30."""
    phone = Phone()
    phone.answer(phone.register(), 503, [("Retry-After", "later")])
    event = phone.event()
    assert isinstance(event, RegistrationFailed)
    assert event.retry_in is not None
    assert 30 <= event.retry_in <= 60


def test_silence_is_a_timeout_and_is_not_answered_at_once() -> None:
    """RFC 3261 §10.2.7: no immediate second try at the same registrar."""
    phone = Phone()
    phone.register()
    phone.pass_time(32.5)
    phone.sent()
    event = phone.event()
    assert isinstance(event, RegistrationFailed)
    assert event.status_code == 408
    assert event.retry_in is not None
    assert event.retry_in >= 30


def test_a_transport_that_does_not_exist_is_a_failure() -> None:
    """CLI-2: told like a 503."""
    phone = Phone(registrar="sip:192.0.2.10;transport=tcp")
    phone.registration.register(0.0)
    event = phone.event()
    assert isinstance(event, RegistrationFailed)
    assert event.status_code == 503
    assert phone.state() is RegistrationState.WAITING


@pytest.mark.parametrize(
    ("contact", "extra"),
    [
        ("<sip:alice@192.0.2.1:5060>;expires=0", ()),
        ("<sip:bob@192.0.2.9>;expires=9", ()),
        ("<sip:alice", ()),
        ("<sip:alice@192.0.2.1:5060>", (("Service-Route", '"a, b'),)),
    ],
)
def test_a_200_that_keeps_nothing_is_a_failure(contact: str, extra: tuple[tuple[str, str], ...]) -> None:
    """CLI-2: or one that cannot be read; the state never hangs."""
    phone = Phone()
    request = phone.register()
    response_extra = [*extra, ("Contact", contact)]
    phone.answer(request, 200, response_extra, contact="")
    event = phone.event()
    assert isinstance(event, RegistrationFailed)
    assert event.status_code == 200
    assert event.retry_in is not None


def test_a_route_that_cannot_be_followed_is_not_offered() -> None:
    """RFC 3608 §6.1."""
    phone = Phone()
    phone.registered(extra=[("Service-Route", "<sip:p1;lr>, p2 x")])
    assert list(phone.registration.service_route) == []


def test_service_route_is_replaced_by_each_200() -> None:
    """RFC 3608 §6.1: and cleared by one without it, by a refusal, and by the end."""
    phone = Phone()
    phone.registered(extra=[("Service-Route", "<sip:p1;lr>")])
    assert list(phone.registration.service_route) == [
        "<sip:p1;lr>",
    ]
    phone.answer(phone.next_try(), 200, [("Service-Route", "<sip:p2;lr>")])
    assert list(phone.registration.service_route) == [
        "<sip:p2;lr>",
    ]
    phone.answer(phone.next_try(), 200)
    assert list(phone.registration.service_route) == []
    phone.answer(phone.next_try(), 200, [("Service-Route", "<sip:p3;lr>")])
    phone.answer(phone.next_try(), 403)
    assert list(phone.registration.service_route) == []


def test_a_binding_that_is_not_refreshed_in_time_is_told() -> None:
    """CLI-2: tries go on."""
    phone = Phone()
    phone.registered(100)
    phone.answer(phone.next_try(), 503, [("Retry-After", "500")])
    phone.events()
    assert phone.state() is RegistrationState.RETRYING
    assert phone.registration.registered
    phone.pass_time(100)
    assert phone.event() == Unregistered(registration="line", cause="expired")
    assert phone.state() is RegistrationState.WAITING
    request = phone.next_try()
    phone.answer(request, 200)
    event = phone.event()
    assert isinstance(event, Registered)
    assert not event.refreshed


def test_a_binding_ends_while_the_refresh_has_no_answer() -> None:
    """CLI-2: the transaction outlives the binding."""
    phone = Phone()
    phone.registered(20)
    refresh = phone.next_try()
    phone.pass_time(20)
    phone.sent()
    assert phone.event() == Unregistered(registration="line", cause="expired")
    assert phone.state() is RegistrationState.REGISTERING
    phone.answer(refresh, 200)
    assert isinstance(phone.event(), Registered)


def test_a_clock_that_jumps_over_refresh_and_end_registers_anew() -> None:
    """Law 2: a sleeping laptop."""
    phone = Phone()
    phone.registered(100)
    phone.now = 5_000.0
    phone.registration.handle_timeout(phone.now)
    assert phone.event() == Unregistered(registration="line", cause="expired")
    assert len([r for r in phone.sent() if r.method == "REGISTER"]) == 1
    assert phone.registration.deadline is None


def test_a_lost_flow_is_replaced_at_once() -> None:
    """RFC 5626 §4.5: same reg-id, same Call-ID; in other states there is nothing to replace."""
    phone = Phone(**OUTBOUND)
    phone.registration.flow_failed(0.0)
    first = phone.registered()
    phone.registration.flow_failed(1.0)
    again = phone.request()
    assert again.call_id == first.call_id
    assert "reg-id=1" in (again.get("contact") or "")
    phone.registration.flow_failed(1.0)
    assert phone.sent() == []


def test_the_user_may_try_again_before_the_wait_is_over() -> None:
    """CLI-2: and refresh a live registration; not while a REGISTER is open (RFC 3261 §10.2)."""
    phone = Phone()
    phone.answer(phone.register(), 500)
    request = phone.register()
    with pytest.raises(LocalProtocolError):
        phone.registration.register(0.0)
    phone.answer(request, 200)
    refresh = phone.register()
    phone.answer(refresh, 500)
    phone.answer(phone.register(), 200)
    assert phone.registration.registered


def test_closing_removes_the_contacts() -> None:
    """CLI-2, RFC 3261 §10.2.2, RFC 5626 §4.2.2: expires 0, same instance and reg-id."""
    phone = Phone(**OUTBOUND, credentials=(ALICE,))
    phone.registered()
    phone.registration.close(1.0)
    removal = phone.request()
    assert removal.expires == 0
    contact = removal.contacts[0]
    assert contact.param("expires") == "0"
    assert contact.param("reg-id") == "1"
    assert contact.param("+sip.instance") == f"<{URN}>"
    phone.registration.close(1.0)
    phone.answer(removal, 401, [challenge()])
    removal = phone.request()
    assert removal.expires == 0
    phone.answer(removal, 200, contact="")
    assert phone.event() == Unregistered(registration="line", cause="removed")
    phone.pass_time(100)
    assert phone.registration.closed
    with pytest.raises(LocalProtocolError):
        phone.registration.register(100.0)
    phone.registration.close(100.0)
    phone.registration.flow_failed(100.0)


@pytest.mark.parametrize("status", [403, 500])
def test_a_removal_that_fails_is_the_end_all_the_same(status: int) -> None:
    """CLI-2: the binding expires by itself."""
    phone = Phone()
    phone.registered()
    phone.registration.close(1.0)
    phone.answer(phone.request(), status)
    assert phone.event() == Unregistered(registration="line", cause="unconfirmed")
    phone.pass_time(100)
    assert phone.registration.closed


def test_closing_waits_for_the_open_register() -> None:
    """RFC 3261 §10.2: no new REGISTER before the final response to the last."""
    phone = Phone()
    request = phone.register()
    phone.registration.close(0.0)
    phone.registration.close(0.0)
    assert phone.sent() == []
    phone.answer(request, 200)
    removal = phone.request()
    assert (removal.expires, cseq(removal)) == (0, 2)
    phone.answer(removal, 200, contact="")
    assert phone.event() == Unregistered(registration="line", cause="removed")


def test_closing_while_challenged_removes_with_credentials() -> None:
    """RFC 3261 §10.2, §22.2: the CSeq rises by one, whatever was not sent."""
    phone = Phone(credentials=(ALICE,))
    phone.registered()
    refresh = phone.next_try()
    phone.registration.close(phone.now)
    phone.answer(refresh, 401, [challenge()])
    removal = phone.request()
    assert removal.expires == 0
    assert removal.get("authorization")
    assert cseq(removal) == cseq(refresh) + 1


@pytest.mark.parametrize("status", [403, 500])
def test_closing_while_refused_is_the_end(status: int) -> None:
    """CLI-2."""
    phone = Phone()
    request = phone.register()
    phone.registration.close(0.0)
    phone.answer(request, status)
    assert phone.event() == Unregistered(registration="line", cause="unconfirmed")


@pytest.mark.parametrize("status", [None, 403, 500])
def test_closing_without_a_binding_sends_nothing(status: int | None) -> None:
    """CLI-2."""
    phone = Phone()
    if status is not None:
        phone.answer(phone.register(), status)
        phone.events()
    phone.registration.close(0.0)
    assert phone.sent() == []
    assert phone.event() == Unregistered(registration="line", cause="never")


def test_closing_while_waiting_to_refresh_removes_the_contacts() -> None:
    """CLI-2: there is a binding still."""
    phone = Phone()
    phone.registered()
    phone.answer(phone.next_try(), 500)
    phone.registration.close(phone.now)
    assert phone.request().expires == 0


def test_answers_of_an_earlier_request_change_nothing() -> None:
    """CLI-2: a late 200 to the challenged request, and provisional answers."""
    phone = Phone(credentials=(ALICE,))
    first = phone.register()
    phone.answer(first, 100)
    phone.answer(first, 401, [challenge()])
    phone.request()
    from sansio_sip.message import build_response
    from sansio_sip.transaction import SuccessResponse

    late = build_response(first, 200, to_tag="r")
    phone.registration.transaction_event(SuccessResponse((first.via.branch, "REGISTER"), late), 1.0)
    assert phone.state() is RegistrationState.REGISTERING


def test_the_number_starts_over_with_a_new_call_id() -> None:
    """RFC 3261 §8.1.1.5: CSeq stays below 2**31."""
    phone = Phone()
    first = phone.registered()
    phone.registration._requests._number = 2**31 - 1
    again = phone.next_try()
    assert again.call_id != first.call_id
    assert cseq(again) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"address": "alice"}, "address"),
        ({"address": "<tel:+1>"}, "address"),
        ({"address": "<sip:a@b>;tag=1"}, "address"),
        ({"contacts": ()}, "contacts"),
        ({"contacts": ("<sip:",)}, "contacts"),
        ({"registrar": "sip:alice@example.com"}, "registrar"),
        ({"registrar": "example.com"}, "registrar"),
        ({"route": ("<",)}, "route"),
        ({"expires": 0}, "expires"),
        ({"reg_id": 1}, "reg_id"),
        ({"reg_id": 0, "instance": URN}, "reg_id"),
        ({"reg_id": 1, "instance": URN, "contacts": ("<sip:a@b>", "<sip:a@c>")}, "reg_id"),
        ({"back_off": 1, "on_behalf_of": "x"}, "on_behalf_of"),
    ],
)
def test_a_bad_configuration_names_its_field(change: dict[str, Any], field: str) -> None:
    """CLI-2: at construction."""
    with pytest.raises(ValueError, match=field):
        RegistrationConfig(**{**SETTINGS, **change})


def test_back_off_is_bounded_however_many_failures() -> None:
    """RFC 5626 §4.5."""
    assert BackOff().upper_bound(10_000, other_flows=False) == 1800.0


@pytest.mark.parametrize(
    ("reliable", "flow_timer", "low", "high"),
    [(True, None, 95, 120), (False, None, 24, 29), (True, 100, 80, 100), (False, 50, 40, 50)],
)
def test_keep_alives_are_spread(reliable: bool, flow_timer: int | None, low: float, high: float) -> None:
    """RFC 5626 §4.4, §4.4.1, §4.4.2."""
    phone = Phone()
    ids: Ids = phone.plumbing.ids
    times = {keep_alive_interval(ids, reliable=reliable, flow_timer=flow_timer) for _ in range(50)}
    assert all(low <= time <= high for time in times)
    assert len(times) == 50


def test_a_response_that_comes_from_nowhere_is_harmless() -> None:
    """Law 5: before anything was sent."""
    from sansio_sip.transaction import TransactionTimedOut

    phone = Phone()
    phone.registration.transaction_event(TransactionTimedOut(("x", "REGISTER")), 0.0)
    assert phone.state() is RegistrationState.IDLE
    assert Endpoint("UDP", "h", 1).reliable is False
