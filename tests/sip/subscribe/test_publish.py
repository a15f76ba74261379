"""Publisher and compositor, alone and against each other (RFC 3903)."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from sansio_sip.auth import Credentials
from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.message import Request, Response, parse_message
from sansio_sip.subscribe import (
    PRESENCE,
    Compositor,
    CompositorConfig,
    FixedState,
    PublicationEnded,
    PublicationRetrying,
    PublicationUpdated,
    Publisher,
    PublisherState,
    PublishOrder,
    RequestRefused,
    RequestUnreachable,
    StatePublished,
    SubscriptionClosed,
    resource_of,
)
from tests.sip.subscribe.wire import ALICE, BOB, Script, Side, Wire
from tests.sip.vectors import EXAMPLES, octets

OPEN = FixedState("application/pidf+xml", b"open")
BUSY = FixedState("application/pidf+xml", b"busy")
ORDER = PublishOrder(
    uri="sip:bob@192.0.2.2", package="presence", from_="<sip:alice@example.com>", expires=600
)


def publisher_of(side: Side) -> Publisher:
    made = Publisher("p", side.config, now=side.now, ids=side.ids, outbound=side.outbound, outbox=side.out)
    side.usages.append(made)
    return made


def compositor_of(side: Side, **config: Any) -> Compositor:
    made = Compositor(
        CompositorConfig(**config), now=side.now, ids=side.ids, outbound=side.outbound, outbox=side.out
    )
    side.usages.append(made)  # type: ignore[arg-type]
    side.on_request = lambda key, request: made.receive_request(key, request, side.now)
    return made


class Publishing(Script):
    """A script with the publisher that it plays against."""

    def __init__(self, **side: Any) -> None:
        super().__init__(Side("alice", ALICE, **side))
        self.publisher = publisher_of(self.side)
        self.etags = 0

    def publish(self, **order: Any) -> Request:
        self.publisher.publish(attrs.evolve(ORDER, **order), OPEN, self.now)
        return self.request("PUBLISH")

    def accept(self, request: Request, expires: int | None = 600, *, etag: str | None = "") -> None:
        self.etags += 1
        extra = [("SIP-ETag", etag or f"tag{self.etags}")] if etag is not None else []
        extra += [("Expires", str(expires))] if expires is not None else []
        self.respond(request, 200, extra=extra)

    def published(self, expires: int = 600) -> None:
        self.accept(self.publish(), expires)
        self.taken(PublicationUpdated)

    def quiet(self) -> None:
        self.pass_time(self.now + 100.0)
        self.sent()
        self.side.events.clear()
        self.side.assert_quiet()


# The publisher


def test_initial_publication_has_event_expires_body_and_no_tag() -> None:
    """SRV-6: RFC 3903 §4.1, §4.2."""
    publish = Publishing().publish(fields=(("Route", "<sip:192.0.2.2;lr>"),))
    assert publish.uri == "sip:bob@192.0.2.2"
    assert publish.get_all("event") == ["presence"]
    assert publish.expires == 600
    assert publish.get("sip-if-match") is None
    assert publish.body == b"open"
    assert publish.content_type == "application/pidf+xml"
    assert not publish.to_tag
    assert publish.contacts == [], "§4: a Contact would mean nothing"
    assert publish.routes == ["<sip:192.0.2.2;lr>"]


def test_refresh_has_the_tag_and_no_body_and_each_tag_replaces_the_last() -> None:
    """SRV-6: RFC 3903 §4.3, §8.2."""
    play = Publishing()
    play.accept(play.publish(), 300)
    assert play.taken(PublicationUpdated).expires == 300
    assert play.publisher.etag == "tag1"
    play.pass_time(300.0 - 64.0)
    refresh = play.request("PUBLISH")
    assert (refresh.get("sip-if-match"), refresh.body, refresh.expires) == ("tag1", b"", 600)
    play.accept(refresh, 300)
    play.events()
    assert play.publisher.etag == "tag2"
    play.pass_time(2 * (300.0 - 64.0))
    assert play.request("PUBLISH").get("sip-if-match") == "tag2"


def test_modification_has_tag_and_body() -> None:
    """SRV-6: RFC 3903 §4.4."""
    play = Publishing()
    play.published()
    play.publisher.change(BUSY, play.now)
    modify = play.request("PUBLISH")
    assert (modify.get("sip-if-match"), modify.body) == ("tag1", b"busy")
    play.accept(modify)
    play.publisher.change(BUSY, play.now)
    assert play.request("PUBLISH").body == b"", "the same state is a refresh"


def test_removal_has_the_tag_expires_0_and_no_body() -> None:
    """SRV-6: RFC 3903 §4.5."""
    play = Publishing()
    play.published()
    play.publisher.close(play.now)
    remove = play.request("PUBLISH")
    assert (remove.get("sip-if-match"), remove.expires, remove.body) == ("tag1", 0, b"")
    assert play.taken(PublicationEnded).end == SubscriptionClosed()
    play.publisher.close(play.now)
    play.accept(remove, 0)
    play.quiet()


@pytest.mark.parametrize("status", [412, 403, 503, None])
def test_removal_that_fails_is_an_end_too(status: int | None) -> None:
    """SRV-6: RFC 3903 §4.5: what is not removed expires."""
    play = Publishing()
    play.published()
    play.publisher.close(play.now)
    remove = play.request("PUBLISH")
    if status is not None:
        play.respond(remove, status)
    play.quiet()


def test_there_is_never_a_second_publish_before_the_first_is_answered() -> None:
    """SRV-6: RFC 3903 §4: the last of the states that came meanwhile follows."""
    play = Publishing()
    publish = play.publish()
    play.publisher.change(BUSY, play.now)
    play.publisher.change(attrs.evolve(BUSY, body=b"away"), play.now)
    assert play.sent() == []
    play.accept(publish)
    modify = play.request("PUBLISH")
    assert (modify.get("sip-if-match"), modify.body) == ("tag1", b"away")
    play.accept(modify)
    assert len(play.events()) == 2


def test_412_is_followed_by_an_initial_publication_without_the_tag() -> None:
    """SRV-6: RFC 3903 §4.3, §5: the tag is discarded."""
    play = Publishing()
    play.published()
    play.publisher.change(BUSY, play.now)
    play.respond(play.request("PUBLISH"), 412)
    again = play.request("PUBLISH")
    assert again.get("sip-if-match") is None
    assert again.body == b"busy"
    play.accept(again)
    assert play.publisher.etag == "tag2"


def test_412_to_an_initial_publication_is_a_refusal() -> None:
    """SRV-6: RFC 3903 §5: no loop with a compositor that says so without a tag."""
    play = Publishing()
    play.respond(play.publish(), 412)
    assert play.taken(PublicationEnded).end == RequestRefused(412, "Conditional Request Failed")
    play.quiet()


def test_423_is_repeated_with_the_least_interval() -> None:
    """SRV-6: RFC 3903 §5."""
    play = Publishing()
    play.respond(play.publish(), 423, extra=[("Min-Expires", "1200")])
    again = play.request("PUBLISH")
    assert (again.expires, again.body) == (1_200, b"open")
    play.accept(again, 1_200)
    assert play.taken(PublicationUpdated).expires == 1_200
    play.publisher.change(BUSY, play.now)
    assert play.request("PUBLISH").expires == 1_200, "it does not meet a 423 again"


def test_challenge_is_answered() -> None:
    """SRV-6: RFC 3903 §14.1."""
    play = Publishing(credentials=(Credentials("alice", "secret"),))
    play.respond(play.publish(), 401, extra=[("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    assert play.request("PUBLISH").get("authorization")


@pytest.mark.parametrize("status", [400, 403, 404, 415, 489, 501])
def test_refusal_ends_the_publication(status: int) -> None:
    """SRV-6: RFC 3903 §5."""
    play = Publishing()
    play.respond(play.publish(), status)
    ended = play.taken(PublicationEnded)
    assert isinstance(ended.end, RequestRefused)
    assert ended.response is not None
    play.quiet()


def test_push_back_is_obeyed_and_the_tag_is_kept_meanwhile() -> None:
    """SRV-6: RFC 3903 §9: 503 with Retry-After."""
    play = Publishing()
    play.published()
    play.publisher.change(BUSY, 10.0)
    play.respond(play.request("PUBLISH"), 503, extra=[("Retry-After", "100")])
    retrying = play.taken(PublicationRetrying)
    assert retrying.delay == 100.0
    play.publisher.change(OPEN, 20.0)
    assert play.sent() == []
    play.pass_time(110.0)
    again = play.request("PUBLISH")
    assert (again.get("sip-if-match"), again.body) == ("tag1", b"open"), "what was taken is not known"


def test_tag_expires_while_it_waits_to_try_again() -> None:
    """SRV-6: RFC 3903 §3: an expired tag is invalid."""
    play = Publishing()
    play.published(expires=100)
    play.publisher.change(BUSY, 10.0)
    play.respond(play.request("PUBLISH"), 503, extra=[("Retry-After", "300")])
    play.events()
    play.pass_time(310.0)
    assert play.request("PUBLISH").get("sip-if-match") is None


def test_tag_expires_while_a_publish_is_on_its_way() -> None:
    """SRV-6: RFC 3903 §3, §5."""
    play = Publishing()
    play.published(expires=20)
    play.pass_time(10.0)
    refresh = play.request("PUBLISH")
    play.pass_time(20.0)
    play.sent()
    assert play.publisher.etag == ""
    play.respond(refresh, 412)
    assert play.request("PUBLISH").body == b"open"


@pytest.mark.parametrize(("etag", "expires"), [(None, 600), ("a b", 600), ("", 0), ("", 2)])
def test_2xx_without_a_usable_tag_or_time_is_followed_by_an_initial_one(
    etag: str | None, expires: int
) -> None:
    """SRV-6: RFC 3903 §6 step 6 broken by the compositor; never a storm."""
    play = Publishing()
    play.accept(play.publish(), expires, etag=etag)
    play.taken(PublicationUpdated)
    play.pass_time(4.99)
    assert play.sent() == []
    play.pass_time(600.0)
    again = next(m for m in play.sent() if isinstance(m, Request))
    assert again.get("sip-if-match") is None
    assert again.body == b"open"


def test_2xx_without_expires_grants_what_was_asked() -> None:
    """SRV-6."""
    play = Publishing()
    play.accept(play.publish(), None)
    assert play.taken(PublicationUpdated).expires == 600


def test_unreachable_compositor_is_tried_again() -> None:
    """SRV-6."""
    play = Publishing()
    play.publisher.publish(attrs.evolve(ORDER, uri="sip:bob@192.0.2.2;transport=tcp"), OPEN, 0.0)
    assert isinstance(play.taken(PublicationRetrying).end, RequestUnreachable)
    play.publisher.close(0.0)
    assert play.taken(PublicationEnded).end == SubscriptionClosed()
    play.side.assert_quiet()


@pytest.mark.parametrize("answer", ["200", "412", "403", "503", ""])
def test_close_while_a_publish_is_on_its_way(answer: str) -> None:
    """SRV-6: RFC 3903 §4: the removal waits for its tag."""
    play = Publishing()
    publish = play.publish()
    play.publisher.close(play.now)
    play.taken(PublicationEnded)
    if answer == "200":
        play.accept(publish)
        assert play.request("PUBLISH").expires == 0
    elif answer:
        play.respond(publish, int(answer))
        assert play.events() == []
    play.quiet()


def test_close_while_a_modification_fails_removes_what_was_there() -> None:
    """SRV-6."""
    play = Publishing()
    play.published()
    play.publisher.change(BUSY, play.now)
    modify = play.request("PUBLISH")
    play.publisher.close(play.now)
    play.taken(PublicationEnded)
    play.respond(modify, 500)
    assert play.request("PUBLISH").get("sip-if-match") == "tag1"
    play.quiet()
    play = Publishing()
    play.published()
    play.publisher.change(BUSY, play.now)
    modify = play.request("PUBLISH")
    play.publisher.close(play.now)
    play.respond(modify, 412)
    play.quiet()


def test_close_while_the_target_is_looked_up_sends_nothing() -> None:
    """SRV-6."""
    play = Publishing()
    play.publisher.publish(attrs.evolve(ORDER, uri="sip:bob@example.com"), OPEN, 0.0)
    play.publisher.close(0.0)
    play.taken(PublicationEnded)
    play.side.assert_quiet()


def test_close_before_anything_and_misuse() -> None:
    """SRV-6."""
    play = Publishing()
    with pytest.raises(LocalProtocolError):
        play.publisher.change(OPEN, 0.0)
    with pytest.raises(LocalProtocolError):
        play.publisher.publish(ORDER, FixedState("", b""), 0.0)
    with pytest.raises(LocalProtocolError):
        play.publisher.publish(attrs.evolve(ORDER, from_="a\r\nb"), OPEN, 0.0)
    assert play.publisher.state is PublisherState.IDLE
    play.publisher.close(0.0)
    with pytest.raises(LocalProtocolError):
        play.publisher.publish(ORDER, OPEN, 0.0)
    assert play.publisher.closed
    assert "TERMINATED" in repr(play.publisher)
    assert play.publisher.next_event() is None
    assert play.publisher.next_transmit() is None


def test_publication_has_no_dialog() -> None:
    """SRV-6: RFC 3903 §4: what is sent to one gets 481."""
    play = Publishing()
    publish = play.publish()
    play.side.registry[publish.call_id, publish.from_tag, "bob"] = play.publisher
    play.send(play.build("NOTIFY", call_id=publish.call_id, to_tag=publish.from_tag))
    play.response(481)


# The compositor


class Compositing(Script):
    """A script that publishes to the side."""

    def __init__(self, **config: Any) -> None:
        super().__init__(Side("bob", BOB), ALICE)
        self.compositor = compositor_of(self.side, **config)

    def publish(
        self, *, etag: str | None = None, expires: int | str | None = 600, body: bytes = b"",
        event: str = "presence", uri: str = "sip:bob@example.com",
        extra: tuple[tuple[str, str], ...] = (), content_type: str = "",
    ) -> Response:  # fmt: skip
        fields = [("Event", event)] if event else []
        fields += [("Expires", str(expires))] if expires is not None else []
        fields += [("SIP-If-Match", etag)] if etag is not None else []
        request = self.build(
            "PUBLISH", uri=uri, body=body, content_type=content_type, contact="", extra=[*fields, *extra]
        )
        request.set("Call-ID", request.via.branch)
        self.send(request)
        (response,) = self.sent()
        assert isinstance(response, Response)
        return response

    def bodies(self) -> list[bytes]:
        return [one.body for one in self.compositor.publications("bob@example.com", "presence")]

    def told(self) -> list[list[bytes]]:
        return [
            [p.body for p in event.publications]
            for event in self.events()
            if isinstance(event, StatePublished)
        ]


def test_initial_publication_gets_a_tag_and_a_time() -> None:
    """SRV-6: RFC 3903 §6 steps 3 to 6."""
    play = Compositing()
    response = play.publish(body=b"open")
    assert (response.status_code, response.expires) == (200, 600)
    assert response.get("sip-etag")
    assert response.record_routes == []
    assert response.contacts == []
    assert play.told() == [[b"open"]]
    (one,) = play.compositor.publications("bob@example.com", "presence")
    assert (one.content_type, one.expires_at) == ("application/pidf+xml", 600.0)


def test_every_success_has_a_new_tag_and_the_old_one_is_unknown() -> None:
    """SRV-6: RFC 3903 §6 step 6."""
    play = Compositing()
    tags = [play.publish(body=b"open").get("sip-etag") or ""]
    tags.append(play.publish(etag=tags[-1]).get("sip-etag") or "")
    tags.append(play.publish(etag=tags[-1], body=b"busy").get("sip-etag") or "")
    assert len(set(tags)) == 3
    assert play.publish(etag=tags[0]).status_code == 412
    assert play.publish(etag=tags[1]).status_code == 412
    assert play.bodies() == [b"busy"]
    assert play.told() == [[b"open"], [b"busy"]], "a refresh changes no state (§4.3)"


def test_refresh_lengthens_the_life_and_leaves_the_state() -> None:
    """SRV-6: RFC 3903 §4.3, §6 step 5."""
    play = Compositing()
    tag = play.publish(body=b"open").get("sip-etag")
    play.now = 500.0
    assert play.publish(etag=tag, expires=900).expires == 900
    play.events()
    play.pass_time(1_399.9)
    assert play.bodies() == [b"open"]
    play.pass_time(1_400.0)
    assert play.bodies() == []
    assert play.told() == [[]]
    assert play.compositor.deadline is None


def test_removal_is_immediate() -> None:
    """SRV-6: RFC 3903 §4.5, §6 step 5."""
    play = Compositing()
    tag = play.publish(body=b"open").get("sip-etag")
    play.events()
    response = play.publish(etag=tag, expires=0)
    assert (response.status_code, response.expires) == (200, 0)
    assert response.get("sip-etag")
    assert play.told() == [[]]
    assert play.publish(etag=tag).status_code == 412
    assert play.publish(etag=response.get("sip-etag")).status_code == 412


def test_initial_publication_with_expires_0_stores_nothing() -> None:
    """SRV-6: RFC 3903 §6 step 5."""
    play = Compositing()
    assert play.publish(body=b"open", expires=0).status_code == 200
    assert play.bodies() == []


def test_publications_of_several_devices_stand_beside_each_other() -> None:
    """SRV-6: RFC 3903 §3, §4.1."""
    play = Compositing()
    first = play.publish(body=b"desk", uri="sip:bob@EXAMPLE.com;transport=tcp").get("sip-etag")
    play.publish(body=b"mobile", uri="sips:bob@example.com")
    play.publish(body=b"other", uri="sip:carol@example.com")
    assert play.bodies() == [b"desk", b"mobile"]
    play.publish(etag=first, body=b"desk 2")
    assert play.bodies() == [b"mobile", b"desk 2"]
    assert len(play.compositor) == 3


@pytest.mark.parametrize(("change", "status", "field"), [
    ({"uri": "sip:bob@elsewhere.example"}, 404, ""),
    ({"event": "conference"}, 489, "allow-events"),
    ({"event": ""}, 489, "allow-events"),
    ({"etag": "a b"}, 400, ""),
    ({"etag": "one", "extra": (("SIP-If-Match", "two"),)}, 400, ""),
    ({"etag": "none"}, 412, ""),
    ({"expires": 30}, 423, "min-expires"),
    ({"expires": "x"}, 400, ""),
    ({"body": b""}, 400, ""),
    ({"content_type": "text/plain"}, 415, "accept"),
])  # fmt: skip
def test_publish_that_cannot_be_served_is_refused_and_changes_nothing(
    change: dict[str, Any], status: int, field: str
) -> None:
    """SRV-6: RFC 3903 §6 steps 1 to 5."""
    play = Compositing(domains=frozenset({"example.com"}))
    response = play.publish(**{"body": b"open"} | change)
    assert response.status_code == status
    assert bool(response.get(field)) if field else True
    assert len(play.compositor) == 0
    assert play.events() == []


def test_tag_of_another_resource_or_package_is_unknown() -> None:
    """SRV-6: RFC 3903 §6 step 3: matched for this resource and event package."""
    play = Compositing()
    tag = play.publish(body=b"open").get("sip-etag")
    assert play.publish(etag=tag, uri="sip:carol@example.com").status_code == 412
    assert play.publish(etag=tag, event="dialog").status_code == 412
    assert play.publish(etag=tag).status_code == 200


@pytest.mark.parametrize(("wanted", "granted"), [(None, 3_600), (600, 600), (999_999, 86_400)])
def test_time_is_chosen_or_shortened_never_lengthened(wanted: int | None, granted: int) -> None:
    """SRV-6: RFC 3903 §4.2, §6 step 4."""
    assert Compositing().publish(body=b"open", expires=wanted).expires == granted


def test_full_compositor_pushes_back() -> None:
    """SRV-6: RFC 3903 §9, §14.2: limits, Retry-After, and a counter; known publications live on."""
    play = Compositing(max_publications=3, max_per_resource=2)
    tag = play.publish(body=b"1").get("sip-etag")
    play.publish(body=b"2")
    refused = play.publish(body=b"3")
    assert (refused.status_code, refused.get("retry-after")) == (503, "60")
    play.publish(body=b"3", uri="sip:carol@example.com")
    assert play.publish(body=b"4", uri="sip:dave@example.com").status_code == 503
    assert play.publish(etag=tag, body=b"5").status_code == 200
    assert play.compositor.refused == 2


def test_refreshing_for_ever_leaves_nothing_behind() -> None:
    """SRV-6, law 8: the queue of expiries stays as small as what is published."""
    play = Compositing()
    tag = play.publish(body=b"1", expires=86_400).get("sip-etag")
    for _ in range(500):
        tag = play.publish(etag=tag, expires=86_400).get("sip-etag")
    assert len(play.compositor._store._expiries) <= 70
    assert play.compositor.deadline == 86_400.0


def test_closed_compositor_holds_nothing_and_takes_nothing() -> None:
    """SRV-6."""
    play = Compositing()
    play.publish(body=b"1")
    play.compositor.close(0.0)
    play.compositor.close(0.0)
    assert play.compositor.closed
    assert play.publish(body=b"1").status_code == 503
    play.events()
    assert play.compositor.next_event() is None
    assert play.compositor.next_transmit() is None


@pytest.mark.parametrize(("uri", "resource"), [
    ("sip:alice@Example.COM:5070;transport=tcp", "alice@example.com"), ("sip:example.com", "example.com"),
    ("sips:al%69ce@example.com", "alice@example.com"), ("tel:+49123", "+49123"),
    ("pres:alice@example.com?x", "alice@example.com"),
])  # fmt: skip
def test_resource_is_user_and_host(uri: str, resource: str) -> None:
    """SRV-6: RFC 3903 §4.1, RFC 3856 §5."""
    assert resource_of(uri) == resource


def test_resource_of_no_uri_is_an_error() -> None:
    """SRV-6."""
    with pytest.raises(ParseError):
        resource_of("no uri")


# Both


def test_day_of_a_publication() -> None:
    """SRV-6: RFC 3903: published, refreshed, changed, removed; nothing is left."""
    wire = Wire()
    publisher, compositor = publisher_of(wire.a), compositor_of(wire.b, packages=(PRESENCE,))
    publisher.publish(ORDER, OPEN, 0.0)
    for hour in range(1, 25):
        wire.run(hour * 3_600.0)
        (one,) = compositor.publications("bob@192.0.2.2", "presence")
        assert one.body == (OPEN if hour % 2 else BUSY).body
        publisher.change(BUSY if hour % 2 else OPEN, wire.now)
    publisher.close(wire.now)
    wire.run(wire.now + 100.0)
    assert len(compositor) == 0
    assert publisher.closed
    wire.a.assert_quiet()
    assert wire.b.layer.closed


def _example(number: int) -> Request:
    (vector,) = [v for v in EXAMPLES if v["id"] == f"rfc3903/15/{number:03d}"]
    message = parse_message(octets(vector))
    assert isinstance(message, Request)
    return message


def test_publish_messages_of_the_rfc_are_served_in_order() -> None:
    """SRV-6: RFC 3903 §15: M5 initial, M9 refresh, M11 modify, with the tags that we give."""
    play = Compositing()
    tags: list[str] = []
    for number, status in ((4, 200), (8, 200), (10, 200)):
        request = _example(number)
        if request.get("sip-if-match"):
            request.set("SIP-If-Match", tags[-1])
        if request.body:
            request.body = b"state %d" % number
        play.send(request)
        (response,) = play.sent()
        assert isinstance(response, Response)
        assert response.status_code == status
        assert response.expires in (1_800, 3_600)
        tags.append(response.get("sip-etag") or "")
    assert [p.body for p in play.compositor.publications("presentity@example.com", "presence")] == [
        b"state 10"
    ]
