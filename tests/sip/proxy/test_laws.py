"""The laws of every machine, over a proxy that anything happens to (architecture: one shape)."""

from __future__ import annotations

from random import Random

import pytest

from sansio_sip.errors import LocalProtocolError
from sansio_sip.machine import Endpoint, Transmit
from sansio_sip.message import Request, Response, build_response, parse_message
from sansio_sip.proxy import Later, Reply, Routing, RoutingNeeded, Target
from sansio_sip.resolve import AddressRecord, DnsQuestion
from tests.sip.proxy.bench import CALLEE, CALLER, Bench

TARGETS = (
    "sip:bob@192.0.2.101",
    "sip:bob@192.0.2.102;transport=tcp",
    "sip:bob@192.0.2.10",
    "sip:bob@phone.example",
    "sips:bob@192.0.2.103",
    "tel:+1",
)
METHODS = ("INVITE", "INVITE", "INVITE", "ACK", "CANCEL", "CANCEL", "BYE", "OPTIONS", "SUBSCRIBE", "FROB")
STATUSES = (100, 180, 183, 200, 200, 302, 401, 404, 407, 408, 416, 486, 487, 503, 603)
SOURCES = (CALLER, CALLEE, Endpoint("TCP", "192.0.2.1", 40000, "c"), Endpoint("UDP", "192.0.2.10", 5060))


class Player:
    """Plays with a proxy: the same seed, the same play."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        self.bench = Bench(
            router=lambda request, source: self._routing(),
            recurse=random.random() < 0.5,
            record_route=random.random() < 0.7,
            serialise_wide_forks=random.random() < 0.7,
            max_contexts=30,
            max_transactions=60,
            max_targets=5,
        )
        self.now = 0.0
        self.sent: list[Request | Response] = []
        self.received: list[Request] = []
        self.queries: list[int] = []
        self.contexts: list[int] = []
        self.log: list[object] = []
        self.refused = 0

    def _routing(self) -> Routing | Later:
        random = self.random
        if random.random() < 0.1:
            others: list[Routing | Later] = [Later(), Reply(404), Reply(200), []]
            return random.choice(others)
        return [
            Target(
                uri=random.choice(TARGETS),
                q=random.choice((1.0, 1.0, 0.5)),
                ring_time=random.choice((None, 3.0)),
                routes=random.choice(((), (), ("<sip:192.0.2.110>",))),
            )
            for _ in range(random.randint(0, 4))
        ]

    def drain(self) -> list[object]:
        out: list[object] = []
        proxy = self.bench.stateful
        while (transmit := proxy.next_transmit()) is not None:
            assert isinstance(transmit, Transmit)
            self.sent.append(parse_message(transmit.data))
            out.append(transmit)
        while (event := proxy.next_event()) is not None:
            out.append(repr(event))
            if isinstance(event, DnsQuestion):
                self.queries.append(event.question)
            elif isinstance(event, RoutingNeeded):
                self.contexts.append(event.context)
        self.log += out
        return out

    def act(self) -> None:
        """Give the proxy one input of any kind."""
        try:
            self._act(self.random.randrange(20))
        except LocalProtocolError:
            self.refused += 1  # misuse: a route given twice

    def _act(self, what: int) -> None:
        random, proxy, now = self.random, self.bench.stateful, self.now
        if what < 6:
            self._request()
        elif what < 15:
            self._respond()
        elif what == 15 and self.received:
            proxy.receive_datagram(random.choice(self.received[-5:]).to_bytes(), random.choice(SOURCES), now)
        elif what == 16 and self.queries:
            query = random.choice(self.queries)
            if random.random() < 0.5:
                proxy.receive_dns_answer(query, [AddressRecord("192.0.2.104")], 60.0, now)
            else:
                proxy.dns_failed(query, now)
        elif what == 17 and self.contexts:
            routings: list[Routing] = [[], [Target(uri=TARGETS[0])], Reply(480)]
            proxy.route(random.choice(self.contexts), random.choice(routings), now)
        elif what == 18:
            proxy.flow_failed(random.choice(SOURCES), "refused", now)
        else:
            proxy.receive_datagram(self._garbage(), random.choice(SOURCES), now)

    def _request(self) -> None:
        random = self.random
        extra = [("Max-Breadth", random.choice(["1", "2", "60"]))] if random.random() < 0.4 else []
        request = self.bench.request(
            random.choice(METHODS),
            random.choice(["sip:bob@example.com", "sip:bob@example.com", "sip:c@192.0.2.120", "tel:+1"]),
            branch=random.choice(["", "z9hG4bKone", "z9hG4bKtwo"]),
            call_id=random.choice(["one", "two"]),
            cseq=random.randint(1, 3),
            routes=random.choice([[], ["<sip:192.0.2.10;lr>"], ["<sip:192.0.2.111>"]]),
            extra=extra,
        )
        self.received.append(request)
        self.bench.stateful.receive_datagram(request.to_bytes(), random.choice(SOURCES[:3]), self.now)

    def _respond(self) -> None:
        requests = [message for message in self.sent[-12:] if isinstance(message, Request)]
        if not requests:
            return
        extra = [("Contact", self.random.choice(["<sip:b@192.0.2.105>", "<sips:b@192.0.2.106>;q=0.1", "<"]))]
        response = build_response(
            self.random.choice(requests),
            self.random.choice(STATUSES),
            to_tag=self.random.choice("ab"),
            extra=extra,
        )
        self.bench.stateful.receive_datagram(response.to_bytes(), CALLEE, self.now)

    def _garbage(self) -> bytes:
        if not self.sent or self.random.random() < 0.3:
            return self.random.randbytes(40)
        data = bytearray(self.random.choice(self.sent[-12:]).to_bytes())
        for _ in range(3):
            data[self.random.randrange(len(data))] = self.random.randrange(256)
        return bytes(data)

    def state(self) -> object:
        """All that an input could have changed."""
        proxy = self.bench.stateful
        core = proxy._core
        contexts = [repr(context) for context in core._reception.by_number.values()]
        return proxy.deadline, proxy.closed, proxy.statistics(), contexts


def play(seed: int, steps: int = 150) -> Player:
    """Play, and check the laws of time on the way."""
    player = Player(seed)
    proxy = player.bench.stateful
    for _ in range(steps):
        player.act()
        player.drain()
        deadline = proxy.deadline
        what = player.random.random()
        if deadline is None or what > 0.5:
            continue
        if what < 0.3:
            player.now = max(player.now, deadline)
            proxy.handle_timeout(player.now)
            player.drain()
            assert proxy.deadline is None or proxy.deadline > player.now  # law 2
        elif deadline > player.now + 1e-3:
            _check_before(player, deadline)
    return player


def _check_before(player: Player, deadline: float) -> None:
    proxy = player.bench.stateful
    before = player.state()
    for early in (player.now + (deadline - player.now) * 0.9, -1.0):  # laws 1 and 3
        proxy.handle_timeout(early)
        assert player.drain() == []
        assert player.state() == before
        player.now = max(player.now, early)


@pytest.mark.parametrize("seed", range(40))
def test_a_proxy_obeys_time_survives_anything_and_ends_closed(seed: int) -> None:
    """SRV-7, laws 1, 2, 3, 5, 7, 8: any order of inputs; closed when its timers have run out."""
    player = play(seed)
    proxy = player.bench.stateful
    assert proxy.statistics().contexts <= 30
    proxy.close(player.now)
    for context in player.contexts:
        try:
            proxy.route(context, [], player.now)
        except LocalProtocolError:
            player.refused += 1
    for query in player.queries:
        proxy.dns_failed(query, player.now)
    player.drain()
    for _ in range(5_000):
        deadline = proxy.deadline
        if deadline is None:
            break
        player.now = max(player.now, deadline)
        proxy.handle_timeout(player.now)
        player.drain()
    assert proxy.deadline is None
    assert proxy.closed, player.state()
    assert (proxy.next_transmit(), proxy.next_event()) == (None, None)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_seed_gives_the_same_output(seed: int) -> None:
    """SRV-7, law 4."""
    assert play(seed).log == play(seed).log
    assert play(seed).log != play(seed + 1).log
