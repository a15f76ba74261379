"""One proxy for example.com, callers and callees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sansio_sip.machine import Endpoint
from sansio_sip.message import Request
from sansio_sip.proxy import Later, ProxyConfig, Reply, Router, Routing, Target
from tests.sip.proxy.phone import Phone, Script
from tests.sip.proxy.wire import Fate, ProxyNode, Wire

PROXY_HOST = "192.0.2.10"
PROXY = Endpoint("UDP", PROXY_HOST, 5060)
OUTBOUND = f"<sip:{PROXY_HOST};lr>"

Table = dict[str, Sequence[Target] | Reply | Later]


def targets(*hosts: str, **options: Any) -> list[Target]:
    """Targets at hosts, tried together."""
    return [Target(uri=f"sip:bob@{host}", **options) for host in hosts]


def one_by_one(*hosts: str, **options: Any) -> list[Target]:
    """Targets at hosts, tried one after the other."""
    return [Target(uri=f"sip:bob@{host}", q=1.0 - index / 10, **options) for index, host in enumerate(hosts)]


def table_router(table: Table) -> Callable[[Request, Endpoint], Routing | Later]:
    """Routes by the whole Request-URI; who is not in the table does not exist."""
    return lambda request, source: table.get(request.uri, Reply(404))


class House:
    """A wire with alice, the proxy, and callees bob1, bob2, … at 192.0.2.101, 102, …"""

    def __init__(
        self,
        routing: Sequence[Target] | Reply | Later,
        *scripts: Script,
        fate: Fate = lambda number, data: (0.01,),
        seed: int = 1,
        hosts: dict[str, Endpoint] | None = None,
        authorize: Any = None,
        router: Router | None = None,
        **config: Any,
    ) -> None:
        self.wire = Wire(fate)
        self.alice = Phone(self.wire, "alice", "192.0.2.1", seed=seed)
        self.node = ProxyNode(
            self.wire,
            "proxy",
            make_config(**config),
            router or table_router({"sip:bob@example.com": routing}),
            hosts=hosts,
            authorize=authorize,
            seed=seed,
        )
        self.bobs = [
            Phone(self.wire, f"bob{number}", f"192.0.2.{100 + number}", script=script, seed=seed)
            for number, script in enumerate(scripts, 1)
        ]

    def call(self, extra: Sequence[tuple[str, str]] = ()) -> Request:
        """Let alice call bob through the proxy."""
        return self.alice.call("sip:bob@example.com", routes=[OUTBOUND], extra=extra)

    def request(self, method: str, extra: Sequence[tuple[str, str]] = ()) -> Request:
        """Let alice send another request to bob through the proxy."""
        return self.alice.request(method, "sip:bob@example.com", routes=[OUTBOUND], extra=extra)

    def run(self, until: float = 10_000.0) -> None:
        self.wire.run(until)

    def finals(self) -> list[int]:
        """Final statuses that alice heard, repeats of one phone's 2xx left out."""
        seen: dict[tuple[int, str], None] = {}
        for response in self.alice.responses:
            if response.status_code >= 200 and response.cseq.method == "INVITE":
                seen[response.status_code, response.to_tag] = None
        return [status for status, _ in seen]


def make_config(**options: Any) -> ProxyConfig:
    values: dict[str, Any] = {
        "sent_by": {"UDP": (PROXY_HOST, 5060)},
        "domains": frozenset({"example.com"}),
        **options,
    }
    return ProxyConfig(**values)
