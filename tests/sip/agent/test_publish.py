"""PUBLISH and SUBSCRIBE at a whole agent, answer by answer (RFC 3903, SRV-6)."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.subscribe import (
    MESSAGE_SUMMARY,
    PRESENCE,
    CompositorConfig,
    StatePublished,
    SubscriptionRequested,
)
from tests.sip.agent.net import left_over, peer_of
from tests.sip.harness import Peer

PIDF = ("Content-Type", "application/pidf+xml")
EVENT = ("Event", "presence")


def desk(**settings: Any) -> Peer:
    return peer_of(
        **{"compositor": CompositorConfig(packages=(PRESENCE,)), "event_packages": (PRESENCE,), **settings}
    )


def publish(peer: Peer, *extra: tuple[str, str], body: bytes = b"<presence/>", call_id: str = "p") -> None:
    request = peer.request("PUBLISH", call_id=call_id, extra=extra)
    request.body = body
    peer.send(request)


@pytest.mark.parametrize(
    ("extra", "status", "header"),
    [
        ((("Event", "foo"), PIDF), 489, "allow-events"),
        ((EVENT, PIDF, ("Expires", "5")), 423, "min-expires"),
        ((EVENT, PIDF, ("SIP-If-Match", "none")), 412, ""),
        ((EVENT, ("Content-Type", "text/plain")), 415, "accept"),
        ((EVENT, PIDF, ("Require", "foo")), 420, "unsupported"),
    ],
)
def test_publish_that_cannot_be_taken(extra: tuple[tuple[str, str], ...], status: int, header: str) -> None:
    """SRV-6: RFC 3903 §6."""
    peer = desk()
    publish(peer, *extra)
    assert not header or peer.response_from_agent(status).get(header)
    assert peer.events() == []


def test_entity_tag_refreshes_and_removes() -> None:
    """SRV-6."""
    peer = desk()
    publish(peer, EVENT, PIDF)
    tag = peer.response_from_agent(200).get("sip-etag") or ""
    assert [type(event) for event in peer.events()] == [StatePublished]
    publish(peer, EVENT, ("SIP-If-Match", tag), body=b"", call_id="q")
    other = peer.response_from_agent(200).get("sip-etag") or ""
    assert other != tag
    assert peer.events() == []
    publish(peer, EVENT, ("SIP-If-Match", other), ("Expires", "0"), body=b"", call_id="r")
    peer.response_from_agent(200)
    (gone,) = peer.events()
    assert isinstance(gone, StatePublished)
    assert gone.publications == ()
    peer.pass_time(40.0)
    assert left_over(peer.agent) == {}


@pytest.mark.parametrize("method", ["PUBLISH", "REGISTER"])
def test_without_configuration_it_is_not_allowed(method: str) -> None:
    """SRV-4, SRV-6."""
    peer = peer_of()
    peer.send(peer.request(method))
    assert method not in peer.response_from_agent(405).allow


@pytest.mark.parametrize("package", ["presence", "message-summary", "foo"])
def test_subscription_to_what_is_published_here_is_let_in_at_once(package: str) -> None:
    """SRV-6: another package waits for the user, one that is not known gets 489."""
    peer = desk(event_packages=(PRESENCE, MESSAGE_SUMMARY))
    contact = ("Contact", "<sip:bob@192.0.2.2>")
    peer.send(peer.request("SUBSCRIBE", extra=[("Event", package), contact]))
    lines = peer.lines()
    if package == "foo":
        assert lines == ["489"]
        return
    (event,) = peer.events()
    assert isinstance(event, SubscriptionRequested)
    assert lines == (["200", "NOTIFY"] if package == "presence" else [])
