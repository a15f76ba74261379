"""The machines of events with somebody who plays with them, for the laws of every machine."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import attrs

from sansio_sip.auth import Credentials
from sansio_sip.dialog import DialogId
from sansio_sip.errors import RemoteProtocolError
from sansio_sip.headers import EventType
from sansio_sip.ids import Ids
from sansio_sip.machine import Outbox
from sansio_sip.message import Request, Response, build_response
from sansio_sip.outbound import Outbound
from sansio_sip.pager import Pager, PagerConfig
from sansio_sip.subscribe import (
    PRESENCE,
    Compositor,
    CompositorConfig,
    DialogUsage,
    FixedState,
    Notifier,
    Notifiers,
    Publisher,
    PublishOrder,
    SubscribeConfig,
    SubscribeOrder,
    Watcher,
    admit,
)
from sansio_sip.table import TableMachine
from sansio_sip.transaction import AckReceived, LayerConfig, RequestReceived, StrayResponse, TransactionLayer
from tests.laws.sip_subjects import Subject
from tests.sip.harness import BOB

STATUSES = [200, 200, 200, 200, 202, 204, 302, 401, 404, 407, 412, 423, 480, 481, 489, 500, 503, 603]
STATES = [
    "active;expires=600", "active", "pending;expires=60", "active;expires=0", "terminated;reason=timeout",
    "terminated;reason=deactivated", "terminated;reason=probation;retry-after=9", "terminated",
    "terminated;reason=rejected", "terminated;reason=giveup", "active;expires=x", "", "odd",
]  # fmt: skip
STATE = FixedState("application/pidf+xml", b"<presence/>")


class UsageSubject(Subject):
    """One usage over its transactions, which stand for its parent."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.ids = Ids(random.randbytes)
        self.layer = TransactionLayer(LayerConfig(), now=0.0)
        self.outbound = Outbound(
            self.layer,
            ids=self.ids,
            sent_by={"UDP": ("192.0.2.1", 5060)},
            questions=Outbox[Any]().events,
        )
        self.registry: dict[DialogId, DialogUsage] = {}
        self.config = SubscribeConfig(
            contact="<sip:alice@192.0.2.1>",
            credentials=(Credentials("alice", "secret"),),
            max_forks=random.choice([1, 3]),
        )
        self.common: dict[str, Any] = {"now": 0.0, "ids": self.ids, "outbound": self.outbound}
        self.make()

    def make(self) -> None:
        """Make the machine."""
        raise NotImplementedError

    def size(self) -> dict[str, int]:
        return {"dialogs": len(self.registry), "transactions": len(self.layer)}

    def surroundings(self, now: float) -> None:
        self.layer.handle_timeout(now)
        self.settle(now)

    def deadlines(self) -> list[float]:
        self.settled()
        return [d for d in (self.layer.deadline, self.machine.deadline) if d is not None]

    def settle(self, now: float) -> None:
        while (event := self.layer.next_event()) is not None:
            if isinstance(event, RequestReceived):
                self._take(event, now)
            elif not isinstance(event, AckReceived | StrayResponse):
                self.outbound.dispatch(event, event.key, now)
                self.settled()

    def settled(self) -> None:
        """Do what a parent does after an event of a transaction."""

    def _take(self, event: RequestReceived, now: float) -> None:
        request = event.request
        dialog = (request.call_id, request.to_tag, request.from_tag)
        usage = self.registry.get(dialog) or self.registry.get((*dialog[:2], ""))
        if usage is not None and request.to_tag:
            usage.receive_request(event.key, request, now)
            self.settled()
        elif request.to_tag or not self.take_first(event, now):
            self.layer.respond(event.key, build_response(request, 481, to_tag="x"), now)

    def take_first(self, event: RequestReceived, now: float) -> bool:
        """Take a request outside of any dialog; False when the machine takes none."""
        return False

    def answer_to(self, random: Random) -> Response | None:
        requests = [message for message in self.sent[-8:] if isinstance(message, Request)]
        if not requests:
            return None
        extra = [
            ("Contact", random.choice(["<sip:bob@192.0.2.2>", "<sip:bob@phone.example>", "<sip:x"])),
            ("WWW-Authenticate", f'Digest realm="r", nonce="{random.random()}"'),
            ("Expires", random.choice(["600", "3600", "0", "3", "x"])),
            ("Min-Expires", random.choice(["7200", "x", "9"])),
            ("Retry-After", random.choice(["1", "40", "x"])),
            ("SIP-ETag", random.choice(["one", "two", "a b", ""])),
        ]
        answered = [field for field in extra if random.random() < 0.8]
        tag = random.choice(["one", "one", "two", "three"])
        return build_response(random.choice(requests), random.choice(STATUSES), to_tag=tag, extra=answered)

    def request_from(self, random: Random) -> Request:
        method = random.choice(["NOTIFY", "NOTIFY", "NOTIFY", "SUBSCRIBE", "BYE", "PUBLISH", "MESSAGE"])
        extra = [
            ("Event", random.choice(["presence"] * 9 + ["presence;id=1", "dialog", ""])),
            ("Subscription-State", random.choice(STATES)),
            ("Expires", random.choice(["600", "600", "0", "30", "x"])),
            ("Contact", random.choice(["<sip:bob@192.0.2.2>"] * 4 + ["<sip:bob@phone.example>", "<sip:x"])),
            ("SIP-If-Match", random.choice(["one", self.etag(), self.etag()])),
            ("Accept", random.choice(["application/pidf+xml", "*/*", "text/plain"])),
        ]
        extra = [field for field in extra if random.random() < 0.85]
        own = [m for m in self.sent[-8:] if isinstance(m, Request)]
        tags = [m.to_tag for m in self.sent[-8:] if isinstance(m, Response) and m.to_tag]
        cseq, tag = random.randrange(1, 30), random.choice(["one", "one", "two", "three", "four"])
        if own and random.random() < 0.8:
            mine = random.choice(own)
            tag = mine.to_tag or tag
            return self.peer.request(
                method, to_tag=mine.from_tag, call_id=mine.call_id, tag=tag, cseq=cseq, extra=extra
            )
        to_tag = random.choice([*tags[-2:], "", ""])
        body = random.choice([b"", b"<presence/>"])
        request = self.peer.request(method, to_tag=to_tag, cseq=cseq, extra=extra)
        request.body = body
        if body:
            request.set("Content-Type", random.choice(["application/pidf+xml", "text/plain"]))
        return request

    def etag(self) -> str:
        tags = [m.get("sip-etag") or "" for m in self.sent if isinstance(m, Response)]
        return tags[-1] if tags and tags[-1] else "none"

    def act(self, random: Random, now: float) -> None:
        what = random.randrange(12)
        if what == 0 and random.random() < 0.2:
            self.machine.close(now)
        elif what < 4:
            self.verb(random, now)
        elif what < 7 and (answer := self.answer_to(random)) is not None:
            self.layer.receive_message(answer, BOB, now)
        elif what == 7 and random.random() < 0.2:
            self.layer.flow_failed(BOB, "refused", now)
        else:
            self.layer.receive_message(self.request_from(random), BOB, now)
        self.settled()
        self.settle(now)

    def verb(self, random: Random, now: float) -> None:
        """Do something that a user can do."""
        raise NotImplementedError


class WatcherSubject(UsageSubject):
    def make(self) -> None:
        self.watcher = Watcher("w", self.config, registry=self.registry, **self.common)
        self.machine = self.watcher

    def states(self) -> list[TableMachine[object, object]]:
        return [self.watcher, *self.watcher._subscriptions.values()]  # type: ignore[list-item]

    def verb(self, random: Random, now: float) -> None:
        if random.random() < 0.3:
            self.watcher.refresh(now)
            return
        uri = random.choice(["sip:bob@192.0.2.2"] * 4 + ["sip:bob@phone.example", "tel:+1"])
        order = SubscribeOrder(
            uri=uri,
            event=EventType("presence"),
            from_="<sip:alice@example.com>",
            expires=random.choice([600, 600, 3600, 0]),
            resubscribe=random.random() < 0.7,
            accept=random.choice(["", "application/pidf+xml"]),
        )
        self.watcher.subscribe(order, now)


class NotifierSubject(UsageSubject):
    def make(self) -> None:
        self.notifier = Notifier("n", self.config, registry=self.registry, **self.common)
        self.machine = self.notifier
        self.began = False

    def states(self) -> list[TableMachine[object, object]]:
        return [self.notifier]  # type: ignore[list-item]

    def take_first(self, event: RequestReceived, now: float) -> bool:
        if event.request.method != "SUBSCRIBE" or self.began or self.notifier.closed:
            return False
        try:
            admission = admit(event.request, {"presence": PRESENCE})
            self.notifier.receive_subscribe(event.key, event.request, admission, now)
        except RemoteProtocolError:
            return False
        self.began = True
        return True

    def verb(self, random: Random, now: float) -> None:
        notifier, what = self.notifier, random.randrange(6)
        if what == 0:
            notifier.accept(STATE, now)
        elif what == 1:
            notifier.pend(now)
        elif what == 2 and random.random() < 0.3:
            notifier.reject(now, random.choice([403, 200]), random.choice(["", "No", "a\r\nb"]))
        elif what == 3 and random.random() < 0.3:
            notifier.terminate(random.choice(["deactivated", "no token"]), now, random.choice([None, 9]))
        else:
            notifier.notify(STATE, now)


class NotifiersSubject(UsageSubject):
    seen = 0.0

    def act(self, random: Random, now: float) -> None:
        super().act(random, self.clock(now))

    def settle(self, now: float) -> None:
        super().settle(self.clock(now))

    def clock(self, now: float) -> float:
        """The agent's part: what one of its children has seen counts for all."""
        self.seen = max(self.seen, now)
        return self.seen

    def make(self) -> None:
        self.notifiers = Notifiers(self.config, max_subscriptions=5, registry=self.registry, **self.common)
        self.machine = self.notifiers

    def states(self) -> list[TableMachine[object, object]]:
        return list(self.notifiers._by_name.values())  # type: ignore[arg-type]

    def size(self) -> dict[str, int]:
        return {**super().size(), "subscriptions": len(self.notifiers)}

    def take_first(self, event: RequestReceived, now: float) -> bool:
        if event.request.method != "SUBSCRIBE":
            return False
        self.notifiers.receive_request(event.key, event.request, now)
        return True

    def settled(self) -> None:
        for notifier in list(self.notifiers._by_name.values()):
            self.notifiers.settle(notifier)

    def verb(self, random: Random, now: float) -> None:
        names = list(self.notifiers._by_name)
        if names and random.random() < 0.7:
            notifier = self.notifiers.find(random.choice(names))
            random.choice([notifier.accept, notifier.notify])(STATE, now)
        elif random.random() < 0.5:
            self.notifiers.notify("alice@192.0.2.1", "presence", STATE, now)
        else:
            self.notifiers.find("nobody")


class PublisherSubject(UsageSubject):
    def make(self) -> None:
        self.publisher = Publisher("p", self.config, **self.common)
        self.machine = self.publisher

    def states(self) -> list[TableMachine[object, object]]:
        return [self.publisher]  # type: ignore[list-item]

    def verb(self, random: Random, now: float) -> None:
        state = attrs.evolve(STATE, body=random.choice([b"1", b"2", b""]))
        if random.random() < 0.5:
            uri = random.choice(["sip:bob@192.0.2.2"] * 3 + ["sip:bob@phone.example"])
            order = PublishOrder(uri=uri, package="presence", from_="<sip:alice@example.com>", expires=600)
            self.publisher.publish(order, state, now)
        else:
            self.publisher.change(state, now)


class CompositorSubject(UsageSubject):
    def make(self) -> None:
        config = CompositorConfig(max_publications=4, max_per_resource=3, packages=(PRESENCE,))
        self.compositor = Compositor(config, **self.common)
        self.machine = self.compositor

    def size(self) -> dict[str, int]:
        return {**super().size(), "publications": len(self.compositor)}

    def take_first(self, event: RequestReceived, now: float) -> bool:
        if event.request.method != "PUBLISH":
            return False
        self.compositor.receive_request(event.key, event.request, now)
        return True

    def verb(self, random: Random, now: float) -> None:
        request = self.request_from(random)
        publish = self.peer.request(
            "PUBLISH", extra=[(n, v) for k, n, v in request.fields if k in _OF_PUBLISH]
        )
        publish.body = b"<presence/>"
        publish.set("Content-Type", "application/pidf+xml")
        self.layer.receive_message(publish, BOB, now)


_OF_PUBLISH = ("event", "expires", "sip-if-match")


class PagerSubject(UsageSubject):
    def make(self) -> None:
        config = PagerConfig(max_waiting=3, credentials=(Credentials("alice", "secret"),))
        self.pager = Pager(config, **self.common)
        self.machine = self.pager

    def take_first(self, event: RequestReceived, now: float) -> bool:
        if event.request.method != "MESSAGE":
            return False
        self.pager.receive_request(event.key, event.request, now)
        return True

    def verb(self, random: Random, now: float) -> None:
        uri = random.choice(["sip:bob@192.0.2.2", "sip:bob@192.0.2.2", "sip:bob@phone.example"])
        body = random.choice([b"hello", b"hello", b"long" * 500])
        self.pager.send(uri, from_="<sip:alice@example.com>", now=now, body=body)


USAGES: dict[str, Callable[[Random], Subject]] = {
    "Watcher": WatcherSubject,
    "Notifier": NotifierSubject,
    "Notifiers": NotifiersSubject,
    "Publisher": PublisherSubject,
    "Compositor": CompositorSubject,
    "Pager": PagerSubject,
}
