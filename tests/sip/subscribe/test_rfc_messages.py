"""The messages that RFC 3856 and RFC 3903 print, and NOTIFY that nobody asked for (RFC 3842)."""

from __future__ import annotations

import pytest

from sansio_sip.headers import SubscriptionState
from sansio_sip.message import Request, Response, parse_message
from sansio_sip.subscribe import (
    FixedState,
    NotifyReceived,
    SubscriptionAccepted,
    SubscriptionRequested,
    WatcherState,
    answer_unsolicited,
    event_of,
    parse_message_summary,
)
from tests.sip.subscribe.wire import ALICE, Script, Side, order
from tests.sip.vectors import EXAMPLES, octets

MESSAGES = {
    v["id"]: parse_message(octets(v)) for v in EXAMPLES if v["id"].startswith(("rfc3856/", "rfc3903/"))
}
SUBSCRIBES = [key for key, m in MESSAGES.items() if isinstance(m, Request) and m.method == "SUBSCRIBE"]
NOTIFIES = [key for key, m in MESSAGES.items() if isinstance(m, Request) and m.method == "NOTIFY"]


def request(key: str) -> Request:
    message = MESSAGES[key]
    assert isinstance(message, Request)
    return message


@pytest.mark.parametrize("key", SUBSCRIBES)
def test_subscribe_of_the_rfc_is_served(key: str) -> None:
    """SRV-6: RFC 3856 §8 F1, F2; RFC 3903 §15 M1, M2."""
    script = Script(Side("alice", ALICE))
    script.send(request(key))
    event = script.taken(SubscriptionRequested)
    assert event.event.package == "presence"
    script.side.find(event.subscription).accept(FixedState("application/pidf+xml", b"x"), 0.0)
    (ok,) = script.sent()  # the NOTIFY waits for the address of a name
    assert isinstance(ok, Response)
    assert (ok.status_code, ok.expires) == (200, request(key).expires)
    assert script.side.questions[0].name in ("watcherhost.example.com", "host.example.com")


@pytest.mark.parametrize("key", NOTIFIES)
def test_notify_of_the_rfc_is_taken(key: str) -> None:
    """CLI-5: RFC 3856 §8 F3 to F6; RFC 3903 §15 M3, M4, M7, M8, M13, M14."""
    script = Script(Side("alice", ALICE))
    watcher = script.side.watcher()
    watcher.subscribe(order(expires=600), 0.0)
    subscribe = script.request("SUBSCRIBE")
    notify = request(key).copy()
    notify.set("Call-ID", subscribe.call_id)
    notify.set("To", f"<sip:user@example.com>;tag={subscribe.from_tag}")
    script.send(notify)
    script.response(200)
    told = script.taken(NotifyReceived)
    assert told.state.state == "active"
    assert told.state.expires == SubscriptionState.of(notify).expires
    assert told.content_type == "application/pidf+xml"
    assert event_of(notify).package == "presence"
    assert watcher.state is WatcherState.FORKING


@pytest.mark.parametrize("key", ["rfc3856/8/001", "rfc3903/15/001"])
def test_2xx_of_the_rfc_is_taken(key: str) -> None:
    """CLI-5: RFC 3856 §8 F2; RFC 3903 §15 M2."""
    script = Script(Side("alice", ALICE))
    script.side.watcher().subscribe(order(expires=3_600), 0.0)
    subscribe = script.request("SUBSCRIBE")
    response = MESSAGES[key]
    assert isinstance(response, Response)
    answer = response.copy()
    for name, value in (
        ("Via", subscribe.get("via")),
        ("Call-ID", subscribe.call_id),
        ("From", subscribe.get("from")),
    ):
        answer.set(name, value or "")
    answer.set("CSeq", "1 SUBSCRIBE")
    script.send(answer)
    assert script.taken(SubscriptionAccepted).expires == response.expires


def unsolicited(*fields: tuple[str, str], body: bytes = b"Messages-Waiting: yes\r\n") -> Request:
    script = Script(Side("alice", ALICE))
    return script.build(
        "NOTIFY", extra=fields, body=body, content_type="application/simple-message-summary", contact=""
    )


@pytest.mark.parametrize("state", [None, "active", "terminated;reason=timeout"])
def test_unsolicited_notify_is_taken_where_policy_says_so(state: str | None) -> None:
    """SRV-6: RFC 3842 §2, RFC 3265 §3.2: for phones that are set up for it."""
    notify = unsolicited(("Event", "message-summary"), *([("Subscription-State", state)] if state else []))
    status, event = answer_unsolicited(notify, {"message-summary"})
    assert status == 200
    assert event is not None
    assert event.subscription == ""
    assert parse_message_summary(event.body).waiting


@pytest.mark.parametrize(("fields", "status"), [
    ([("Event", "message-summary")], 481), ([("Event", "presence")], 481), ([], 489),
    ([("Event", "message-summary"), ("Subscription-State", "active;expires=x")], 400),
])  # fmt: skip
def test_unsolicited_notify_is_otherwise_refused(fields: list[tuple[str, str]], status: int) -> None:
    """CLI-5: RFC 6665 §4.1.3."""
    assert answer_unsolicited(unsolicited(*fields), {"dialog"}) == (status, None)
