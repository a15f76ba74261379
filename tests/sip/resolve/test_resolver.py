"""Target selection: what is asked, in which order the targets come, and what is remembered."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint
from sansio_sip.resolve import (
    LOOKUP_TABLE,
    AddressRecord,
    DnsQuestion,
    LookupState,
    NaptrRecord,
    Record,
    RecordType,
    Resolver,
    ResolverConfig,
    SrvRecord,
    Target,
    TargetList,
    TargetsFound,
    TargetsNotFound,
    default_port,
    fails_over,
    needs_stream,
    order_srv,
)

Zone = dict[str, tuple[Record, ...]]
"""Records by ``TYPE name``."""


def a(*addresses: str) -> tuple[Record, ...]:
    return tuple(AddressRecord(address) for address in addresses)


# The example of RFC 3263 §4.1, with addresses.
ZONE: Zone = {
    "NAPTR example.com": (
        NaptrRecord(50, 50, "s", "SIPS+D2T", "_sips._tcp.example.com."),
        NaptrRecord(100, 50, "s", "SIP+D2U", "_sip._udp.example.com."),
        NaptrRecord(90, 50, "s", "SIP+D2T", "_sip._tcp.example.com"),
    ),
    "SRV _sips._tcp.example.com": (SrvRecord(0, 1, 5061, "server1.example.com."),),
    "SRV _sip._tcp.example.com": (
        SrvRecord(1, 0, 5070, "server2.example.com."),
        SrvRecord(0, 0, 5060, "server1.example.com."),
    ),
    "SRV _sip._udp.example.com": (SrvRecord(0, 0, 5060, "server2.example.com"),),
    "A server1.example.com": a("192.0.2.1"),
    "A server2.example.com": a("192.0.2.2", "192.0.2.3"),
    "AAAA server2.example.com": a("2001:db8::2"),
    "A example.com": a("192.0.2.9"),
}


class Dns:
    """A resolver and the DNS that answers it."""

    def __init__(
        self, zone: Zone | None = None, *, seed: int = 1, ttl: float = 300.0, **settings_: Any
    ) -> None:
        self.resolver = Resolver(ResolverConfig(**settings_), now=0.0, ids=Ids(Random(seed).randbytes))
        self.zone = ZONE if zone is None else zone
        self.ttl = ttl
        self.now = 0.0
        self.asked: list[str] = []

    def events(self) -> list[Any]:
        events: list[Any] = []
        while (event := self.resolver.next_event()) is not None:
            events.append(event)
        return events

    def answer(self, event: DnsQuestion) -> None:
        text = f"{event.record_type.value} {event.name}"
        self.asked.append(text)
        self.resolver.receive_answer(event.question, self.zone.get(text, ()), self.ttl, self.now)

    def result(self, uri: str, **how: Any) -> TargetsFound | TargetsNotFound:
        """What becomes of a lookup when every question is answered at once."""
        self.asked.clear()
        query = self.resolver.resolve(uri, self.now, **how)
        assert self.resolver.next_transmit() is None
        while events := self.events():
            for event in events:
                if isinstance(event, DnsQuestion):
                    self.answer(event)
                else:
                    assert event.query == query
                    assert self.resolver.closed
                    assert self.resolver.deadline is None
                    return event  # type: ignore[no-any-return]
        raise AssertionError("nothing came")

    def targets(self, uri: str, **how: Any) -> list[str]:
        """The targets as ``UDP 192.0.2.1:5060``."""
        result = self.result(uri, **how)
        assert isinstance(result, TargetsFound), result
        return [written(target) for target in result.targets]


def written(target: Target) -> str:
    transport, host, port, *_ = target.endpoint
    return f"{transport} {host}:{port}"


# §4.1 and §4.2


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("sip:192.0.2.7", "UDP 192.0.2.7:5060"),
        ("sip:bob@192.0.2.7:5080", "UDP 192.0.2.7:5080"),
        ("sips:192.0.2.7", "TLS 192.0.2.7:5061"),
        ("sips:192.0.2.7:5090", "TLS 192.0.2.7:5090"),
        ("sip:192.0.2.7;transport=TCP", "TCP 192.0.2.7:5060"),
        ("sip:192.0.2.7;transport=tls", "TLS 192.0.2.7:5061"),
        ("sips:192.0.2.7;transport=tcp", "TLS 192.0.2.7:5061"),
        ("sips:192.0.2.7;transport=tls", "TLS 192.0.2.7:5061"),
        ("sip:192.0.2.7;transport=ws", "WS 192.0.2.7:80"),
        ("sips:192.0.2.7;transport=ws", "WSS 192.0.2.7:443"),
        ("sip:[2001:db8::1]", "UDP 2001:db8::1:5060"),
        ("sip:example.com;maddr=192.0.2.8", "UDP 192.0.2.8:5060"),
        ("sip:example.com:5070;maddr=192.0.2.8;transport=tcp", "TCP 192.0.2.8:5070"),
    ],
)
def test_numbers_need_no_question(uri: str, target: str) -> None:
    """TRN-11, RFC 3263 §4.1, §4.2, RFC 7118 §5: transport and port by scheme, parameters and defaults."""
    dns = Dns(transports=("UDP", "TCP", "TLS", "WS", "WSS"))
    assert dns.targets(uri) == [target]
    assert dns.asked == []


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("sip:example.com:5070", "UDP 192.0.2.9:5070"),
        ("sip:example.com:5060", "UDP 192.0.2.9:5060"),
        ("sips:example.com:5070", "TLS 192.0.2.9:5070"),
        ("sip:EXAMPLE.com.:5070;transport=tcp", "TCP 192.0.2.9:5070"),
    ],
)
def test_a_port_asks_for_addresses_only(uri: str, target: str) -> None:
    """TRN-11, RFC 3263 §4.2: no NAPTR and no SRV, not even for 5060."""
    dns = Dns()
    assert dns.targets(uri) == [target]
    assert dns.asked == ["A example.com", "AAAA example.com"]


def test_a_transport_asks_for_its_srv_only() -> None:
    """TRN-11, RFC 3263 §4.2: priorities in order, each host with all its addresses."""
    dns = Dns()
    assert dns.targets("sip:example.com;transport=tcp") == [
        "TCP 192.0.2.1:5060",
        "TCP 192.0.2.2:5070",
        "TCP 192.0.2.3:5070",
        "TCP 2001:db8::2:5070",
    ]
    assert dns.asked[0] == "SRV _sip._tcp.example.com"
    assert not [question for question in dns.asked if question.startswith("NAPTR")]
    assert dns.targets("sip:example.com;transport=tls") == ["TLS 192.0.2.1:5061"]
    assert dns.targets("sips:example.com;transport=tcp") == ["TLS 192.0.2.1:5061"]


def test_naptr_chooses_the_transport() -> None:
    """TRN-11, RFC 3263 §4.1: the order of the domain among what we have; the example of the RFC."""
    dns = Dns()
    result = dns.result("sip:user@example.com")
    assert isinstance(result, TargetsFound)
    assert result.targets == (Target(Endpoint("TLS", "192.0.2.1", 5061), "example.com"),)
    assert dns.asked[:2] == ["NAPTR example.com", "SRV _sips._tcp.example.com"]
    dns = Dns(transports=("TCP", "UDP"))
    assert dns.targets("sip:user@example.com")[0] == "TCP 192.0.2.1:5060"
    dns = Dns(transports=("UDP",))
    assert dns.targets("sip:user@example.com")[0] == "UDP 192.0.2.2:5060"


def test_sips_uses_secure_services_only() -> None:
    """TRN-11, RFC 3263 §4.1: services without SIPS are discarded."""
    assert Dns().targets("sips:user@example.com") == ["TLS 192.0.2.1:5061"]
    zone = {key: records for key, records in ZONE.items() if "_sips" not in key}
    zone["NAPTR example.com"] = ZONE["NAPTR example.com"][1:]
    dns = Dns(zone)
    assert dns.targets("sips:user@example.com") == ["TLS 192.0.2.9:5061"]
    assert "SRV _sip._tcp.example.com" not in dns.asked


def test_records_that_make_no_sense_are_left_out() -> None:
    """TRN-11, RFC 3263 §4.1: other services, flags and transports; preference within one order."""
    zone: Zone = {
        **ZONE,
        "NAPTR example.com": (
            NaptrRecord(1, 1, "s", "E2U+sip", "x.example.com"),
            NaptrRecord(1, 2, "s", "SIPS+D2U", "x.example.com"),
            NaptrRecord(1, 3, "u", "SIP+D2U", "x.example.com"),
            NaptrRecord(1, 4, "s", "SIP+D2S", "x.example.com"),
            NaptrRecord(1, 5, "s", "SIP+D2U", "."),
            NaptrRecord(1, 6, "s", "SIP+D2U", "x" * 300),
            NaptrRecord(2, 2, "s", "SIP+D2T", "_sip._tcp.example.com"),
            NaptrRecord(2, 1, "S", "sip+d2u", "_sip._udp.example.com"),
            AddressRecord("192.0.2.66"),
        ),
    }
    assert Dns(zone).targets("sip:example.com")[0] == "UDP 192.0.2.2:5060"


def test_naptr_may_name_a_host() -> None:
    """TRN-11, RFC 3403: flag "a" skips SRV."""
    zone: Zone = {**ZONE, "NAPTR example.com": (NaptrRecord(1, 1, "a", "SIP+D2T", "server1.example.com"),)}
    dns = Dns(zone)
    assert dns.targets("sip:example.com") == ["TCP 192.0.2.1:5060"]
    assert [question[:3] for question in dns.asked] == ["NAP", "A s", "AAA"]


def test_the_next_naptr_is_used_when_one_leads_nowhere() -> None:
    """TRN-11: a domain with one broken record stays reachable."""
    zone = {key: records for key, records in ZONE.items() if "_sips" not in key}
    assert Dns(zone).targets("sip:example.com")[0] == "TCP 192.0.2.1:5060"


def test_without_naptr_every_transport_is_asked_for() -> None:
    """TRN-11, RFC 3263 §4.1: the first of ours that the domain has; _sips for TLS."""
    zone = {key: records for key, records in ZONE.items() if not key.startswith("NAPTR")}
    dns = Dns(zone)
    assert dns.targets("sip:example.com")[0] == "UDP 192.0.2.2:5060"
    assert dns.asked[1:4] == [
        "SRV _sip._udp.example.com",
        "SRV _sip._tcp.example.com",
        "SRV _sips._tcp.example.com",
    ]
    dns = Dns(zone, transports=("TLS", "TCP", "UDP"))
    assert dns.targets("sip:example.com") == ["TLS 192.0.2.1:5061"]
    dns = Dns(zone)
    assert dns.targets("sips:example.com") == ["TLS 192.0.2.1:5061"]


@pytest.mark.parametrize(
    ("uri", "transports", "target"),
    [
        ("sip:example.com", ("TCP", "UDP", "TLS"), "UDP 192.0.2.9:5060"),
        ("sip:example.com", ("TCP", "TLS"), "TCP 192.0.2.9:5060"),
        ("sips:example.com", ("UDP", "WSS", "TLS"), "TLS 192.0.2.9:5061"),
        ("sips:example.com", ("UDP", "WSS"), "WSS 192.0.2.9:443"),
        ("sip:example.com;transport=tcp", ("UDP", "TCP"), "TCP 192.0.2.9:5060"),
    ],
)
def test_without_srv_the_host_itself_is_meant(uri: str, transports: tuple[str, ...], target: str) -> None:
    """TRN-11, RFC 3263 §4.1, §4.2: UDP for sip, TCP with TLS for sips, at the default port."""
    assert Dns({"A example.com": a("192.0.2.9")}, transports=transports).targets(uri) == [target]


def test_a_domain_may_say_that_it_has_no_such_service() -> None:
    """TRN-11, RFC 2782: a single record with target "." ; the host is not asked then."""
    zone: Zone = {"SRV _sip._udp.example.com": (SrvRecord(0, 0, 0, "."),), "A example.com": a("192.0.2.9")}
    dns = Dns(zone, transports=("UDP",))
    result = dns.result("sip:example.com")
    assert isinstance(result, TargetsNotFound)
    assert result.cause == "the domain does not offer this service"
    zone["SRV _sip._tcp.example.com"] = (SrvRecord(0, 0, 5060, "example.com"),)
    assert Dns(zone).targets("sip:example.com") == ["TCP 192.0.2.9:5060"]


def test_damaged_srv_records_are_left_out() -> None:
    """TRN-11: no port, no name; an address where a name should be is taken."""
    records = (
        SrvRecord(0, 0, 0, "a"),
        SrvRecord(1, 0, 70_000, "a"),
        SrvRecord(2, 0, 1, ""),
        SrvRecord(3, 0, 5060, "192.0.2.4"),
    )
    zone: Zone = {"SRV _sip._udp.example.com": (*records, AddressRecord("192.0.2.66"))}
    assert Dns(zone, transports=("UDP",)).targets("sip:example.com") == ["UDP 192.0.2.4:5060"]


def test_families_are_ordered_as_configured() -> None:
    """RFC 6157 §5: who knows the host's interfaces says which family comes first."""
    zone: Zone = {"A h": a("192.0.2.1", "nonsense"), "AAAA h": (*a("2001:db8::1"), SrvRecord(0, 0, 1, "x"))}
    assert Dns(zone).targets("sip:h:1") == ["UDP 192.0.2.1:1", "UDP 2001:db8::1:1"]
    assert Dns(zone, families=("AAAA", "A")).targets("sip:h:1") == ["UDP 2001:db8::1:1", "UDP 192.0.2.1:1"]
    dns = Dns(zone, families=("AAAA",))
    assert dns.targets("sip:h:1") == ["UDP 2001:db8::1:1"]
    assert dns.asked == ["AAAA h"]


@pytest.mark.parametrize(
    "uri",
    [
        "tel:+123",
        "sip:",
        "nonsense",
        "sips:example.com;transport=udp",
        "sip:example.com;transport=sctp",
        "sip:192.0.2.1;transport=ws",
        f"sip:{'x' * 300}",
        "sip:.",
    ],
)
def test_what_cannot_be_sent_to_is_told_at_once(uri: str) -> None:
    """TRN-11: no question, and no exception; there is no TLS over UDP."""
    dns = Dns()
    assert isinstance(dns.result(uri), TargetsNotFound)
    assert dns.asked == []


def test_a_name_without_address_is_not_found() -> None:
    """TRN-11."""
    result = Dns({}).result("sip:example.com")
    assert isinstance(result, TargetsNotFound)
    assert result.cause == "example.com has no address"


# Large requests


@pytest.mark.parametrize(
    ("size", "path_mtu", "stream"),
    [
        (1300, None, False),
        (1301, None, True),
        (1300, 1500, False),
        (1301, 1500, True),
        (1400, 9000, False),
        (400, 576, True),
    ],
)
def test_the_1300_octet_rule(size: int, path_mtu: int | None, stream: bool) -> None:
    """TRN-11, RFC 3261 §18.1.1: above 1300, or within 200 octets of a known path MTU."""
    assert needs_stream(size, path_mtu) is stream


@pytest.mark.parametrize(
    ("uri", "transports"),
    [
        ("sip:192.0.2.7", ["TCP", "UDP"]),
        ("sip:192.0.2.7;transport=udp", ["TCP", "UDP"]),
        ("sip:192.0.2.7;transport=tcp", ["TCP"]),
        ("sip:example.com:5060", ["TCP", "UDP"]),
        ("sips:example.com:5061", ["TLS"]),
        ("sip:example.com;transport=udp", ["TCP", "UDP"]),
    ],
)
def test_a_large_request_prefers_tcp_and_falls_back_to_udp(uri: str, transports: list[str]) -> None:
    """TRN-11, RFC 3261 §18.1.1."""
    found = Dns().targets(uri, size=2000)
    assert list(dict.fromkeys(target.split()[0] for target in found)) == transports
    if "example" not in uri:
        assert Dns(transports=("UDP",)).targets("sip:192.0.2.7", size=2000) == ["UDP 192.0.2.7:5060"]


def test_a_large_request_leaves_udp_services_for_the_end() -> None:
    """TRN-11: whatever the domain or we prefer."""
    zone: Zone = {
        **ZONE,
        "NAPTR example.com": (
            NaptrRecord(1, 1, "s", "SIP+D2U", "_sip._udp.example.com"),
            NaptrRecord(2, 1, "s", "SIP+D2T", "_sip._tcp.example.com"),
        ),
    }
    assert Dns(zone).targets("sip:example.com")[0].startswith("UDP")
    assert Dns(zone).targets("sip:example.com", size=2000)[0].startswith("TCP")
    without = {key: records for key, records in ZONE.items() if not key.startswith("NAPTR")}
    found = Dns(without).targets("sip:example.com", size=2000)
    assert list(dict.fromkeys(target.split()[0] for target in found)) == ["TCP", "UDP", "TLS"]


# RFC 2782


def test_priorities_come_in_order_and_weights_at_random() -> None:
    """TRN-11, RFC 2782: in proportion to the weight, as the RFC's algorithm gives it."""
    records = [SrvRecord(2, 0, 1, "last"), SrvRecord(1, 10, 1, "small"), SrvRecord(1, 90, 1, "large")]
    ids = Ids(Random(1).randbytes)
    first: Counter[str] = Counter()
    for _ in range(2000):
        ordered = order_srv(records, ids)
        assert ordered[-1].target == "last"
        assert sorted(ordered) == sorted(records)
        first[ordered[0].target] += 1
    assert 1700 < first["large"] < 1900


def test_a_weight_of_zero_has_a_small_chance_only() -> None:
    """TRN-11, RFC 2782: "very small chance of being selected" beside others; at random among themselves."""
    ids = Ids(Random(1).randbytes)
    records = [SrvRecord(0, 100, 1, "a"), SrvRecord(0, 0, 1, "b")]
    first = Counter(order_srv(records, ids)[0].target for _ in range(2000))
    assert 0 < first["b"] < 60
    assert order_srv([], ids) == []


def test_a_stateless_proxy_gets_the_same_order_each_time() -> None:
    """RFC 3263 §4.4: deterministic."""
    records = [
        SrvRecord(1, 5, 1, "b"),
        SrvRecord(1, 5, 1, "a"),
        SrvRecord(1, 9, 1, "c"),
        SrvRecord(0, 0, 1, "d"),
    ]
    for seed in range(10):
        shuffled = Random(seed).sample(records, 4)
        assert [record.target for record in order_srv(shuffled, None)] == ["d", "c", "a", "b"]
    zone: Zone = {"SRV _sip._udp.h": tuple(SrvRecord(0, 1, n, "192.0.2.1") for n in range(1, 9))}
    orders = {
        tuple(Dns(zone, seed=seed, deterministic=True).targets("sip:h;transport=udp")) for seed in range(5)
    }
    assert len(orders) == 1
    assert len({tuple(Dns(zone, seed=seed).targets("sip:h;transport=udp")) for seed in range(5)}) > 1


# Failover


def test_targets_are_tried_one_after_another() -> None:
    """TRN-11, RFC 3263 §4.3: on 503, timeout and transport error; no other status."""
    targets = [Target(Endpoint("UDP", f"192.0.2.{n}", 5060), "h") for n in range(3)]
    tries = TargetList(targets)
    assert (tries.current, len(tries)) == (targets[0], 2)
    assert [tries.advance(), tries.advance(), tries.advance()] == [targets[1], targets[2], None]
    assert tries.current == targets[2]
    assert [status for status in range(100, 700) if fails_over(status)] == [503]
    with pytest.raises(LocalProtocolError):
        TargetList([])


def test_a_target_that_failed_is_tried_last_for_some_time() -> None:
    """TRN-11: blacklist with expiry; an answer takes it back; Retry-After says how long."""
    dns = Dns({"A h": a("192.0.2.1", "192.0.2.2")}, families=("A",), blacklist_time=30.0)
    one, two = "UDP 192.0.2.1:5060", "UDP 192.0.2.2:5060"
    endpoint = Endpoint("UDP", "192.0.2.1", 5060, "flow")
    uri = "sip:h:5060"
    dns.resolver.target_failed(endpoint, 0.0)
    assert dns.targets(uri) == [two, one]
    assert "bad=1" in repr(dns.resolver)
    dns.now = 30.0
    assert dns.targets(uri) == [one, two]
    assert "bad=0" in repr(dns.resolver)
    dns.resolver.target_failed(endpoint, 30.0, retry_after=100.0)
    dns.now = 129.0
    assert dns.targets(uri) == [two, one]
    dns.resolver.target_answered(endpoint)
    assert dns.targets(uri) == [one, two]
    dns.resolver.target_failed(endpoint, 129.0)
    dns.resolver.target_failed(Endpoint("UDP", "192.0.2.2", 5060), 129.0)
    assert dns.targets(uri) == [one, two]


def test_the_blacklist_is_bounded() -> None:
    """Law 8."""
    dns = Dns(max_blacklisted=3)
    for number in range(10):
        dns.resolver.target_failed(Endpoint("UDP", f"192.0.2.{number}", 5060), 0.0)
    assert "bad=3" in repr(dns.resolver)


# Memory


def test_answers_hold_as_long_as_they_say() -> None:
    """TRN-11: time to live; what is known is not asked for again."""
    dns = Dns(ttl=60.0, negative_ttl=60.0)
    first = dns.targets("sip:example.com")
    assert dns.asked
    dns.now = 59.0
    assert dns.targets("sip:example.com") == first
    assert dns.asked == []
    assert dns.resolver.statistics.cache_hits
    dns.now = 60.0
    dns.targets("sip:example.com")
    assert dns.asked[0] == "NAPTR example.com"


def test_answers_hold_a_day_at_most_and_none_without_a_time() -> None:
    """TRN-11."""
    dns = Dns(ttl=1e9, max_ttl=100.0, negative_ttl=0.0)
    dns.targets("sip:example.com:1")
    dns.now = 100.0
    dns.targets("sip:example.com:1")
    assert "A example.com" in dns.asked
    dns = Dns(ttl=0.0, negative_ttl=0.0)
    dns.targets("sip:example.com:1")
    dns.targets("sip:example.com:1")
    assert len(dns.asked) == 2
    assert "cached=0" in repr(dns.resolver)


def test_names_that_do_not_exist_are_remembered_for_a_short_time() -> None:
    """TRN-11: negative answers."""
    dns = Dns({}, negative_ttl=30.0)
    dns.result("sip:h:1")
    dns.result("sip:h:1")
    assert dns.asked == []
    dns.now = 30.0
    dns.result("sip:h:1")
    assert dns.asked == ["A h", "AAAA h"]


def test_the_cache_is_bounded() -> None:
    """Law 8."""
    dns = Dns({}, max_cached=4)
    for number in range(20):
        dns.result(f"sip:h{number}:1")
    assert "cached=4" in repr(dns.resolver)
    assert dns.resolver._cache.evicted == 36


def test_a_domain_cannot_name_servers_without_end() -> None:
    """Law 8: targets and questions of one lookup are bounded."""
    zone: Zone = {
        "SRV _sip._udp.h": tuple(SrvRecord(0, 1, 5060, f"s{n}") for n in range(5000)),
        **{f"A s{n}": a(*(f"10.0.{n % 250}.{m}" for m in range(200))) for n in range(500)},
    }
    dns = Dns(zone, max_targets=8)
    assert len(dns.targets("sip:h;transport=udp")) == 8
    assert len(dns.asked) <= 1 + 2 * 8


# Several lookups, lost answers, time


def test_lookups_share_a_question() -> None:
    """TRN-11: asked once, answered to both."""
    dns = Dns({"A h": a("192.0.2.1")}, families=("A",))
    for _ in range(2):
        dns.resolver.resolve("sip:h:1", 0.0)
    (question,) = dns.events()
    dns.answer(question)
    assert [event.query for event in dns.events()] == [1, 2]
    dns.answer(question)  # a second answer to the same question
    dns.resolver.question_failed(question.question, 0.0)
    assert dns.events() == []


def test_a_question_that_failed_counts_as_no_records() -> None:
    """TRN-11: a server that knows no NAPTR; it is asked again the next time."""
    dns = Dns({"A h": a("192.0.2.1")}, families=("A",), transports=("UDP",))
    for _ in range(2):
        dns.resolver.resolve("sip:h", 0.0)
        (naptr,) = dns.events()
        assert naptr.record_type is RecordType.NAPTR
        dns.resolver.question_failed(naptr.question, 0.0)
        (srv,) = dns.events()
        dns.resolver.question_failed(srv.question, 0.0)
        events = dns.events()
        if isinstance(events[0], DnsQuestion):
            dns.answer(events[0])
            events = dns.events()
        assert isinstance(events[0], TargetsFound)


def test_a_lookup_ends_in_time_with_what_there_is() -> None:
    """TRN-11: one family is answered; laws 1 and 2."""
    dns = Dns({"A h": a("192.0.2.1")}, timeout=10.0)
    dns.resolver.resolve("sip:h:1", 0.0)
    dns.resolver.resolve("sip:x", 1.0)
    dns.resolver.resolve("sip:y;transport=udp", 2.0)
    questions = dns.events()
    dns.answer(questions[0])
    assert dns.resolver.deadline == 10.0
    dns.resolver.handle_timeout(9.9)
    assert dns.events() == []
    dns.resolver.handle_timeout(10.0)
    (found,) = dns.events()
    assert [written(target) for target in found.targets] == ["UDP 192.0.2.1:1"]
    assert dns.resolver.deadline == 11.0
    dns.resolver.handle_timeout(20.0)
    late = dns.events()
    assert [event.cause for event in late] == ["the DNS did not answer in time"] * 2
    for question in questions[1:]:
        dns.answer(question)
    assert dns.events() == []
    assert dns.resolver.closed
    assert len(dns.resolver._questions) == 0


def test_time_that_goes_back_counts_as_the_last_seen() -> None:
    """Law 3."""
    dns = Dns()
    dns.resolver.handle_timeout(100.0)
    dns.resolver.resolve("sip:h", 0.0)
    assert dns.resolver.deadline == 110.0


def test_a_lookup_can_be_given_up() -> None:
    """TRN-11: its questions are dropped when nobody else waits for them."""
    dns = Dns({"A h": a("192.0.2.1")}, families=("A",))
    first, second = dns.resolver.resolve("sip:h:1", 0.0), dns.resolver.resolve("sip:h:1", 0.0)
    (question,) = dns.events()
    dns.resolver.cancel(first, 0.0)
    dns.resolver.cancel(first, 0.0)
    assert dns.events() == [TargetsNotFound(first, "the lookup was cancelled")]
    dns.answer(question)
    (found,) = dns.events()
    assert found.query == second


@pytest.mark.parametrize("uri", ["sip:h", "sip:h;transport=udp", "sip:h:1"])
def test_closing_cancels_every_lookup(uri: str) -> None:
    """TRN-11."""
    dns = Dns()
    dns.resolver.resolve(uri, 0.0)
    assert not dns.resolver.closed
    dns.resolver.close(0.0)
    dns.resolver.close(0.0)
    assert isinstance(dns.events()[-1], TargetsNotFound)
    assert dns.resolver.closed


def test_lookups_are_bounded() -> None:
    """Law 8."""
    dns = Dns(max_lookups=1)
    dns.resolver.resolve("sip:h", 0.0)
    dns.events()
    dns.resolver.resolve("sip:i", 0.0)
    (event,) = dns.events()
    assert event == TargetsNotFound(2, "too many lookups are open")


_NAMES = st.sampled_from(["h", "s1", "s2", ".", "", "192.0.2.1", "_sip._udp.h", "é", "x" * 300])
_RECORDS = st.lists(
    st.one_of(
        st.builds(NaptrRecord, st.integers(0, 3), st.integers(0, 3), st.sampled_from(["s", "a", "u", ""]),
                  st.sampled_from(["SIP+D2U", "SIPS+D2T", "SIP+D2T", "x"]), _NAMES),
        st.builds(SrvRecord, st.integers(0, 2), st.integers(0, 5), st.integers(-1, 70_000), _NAMES),
        st.builds(AddressRecord, st.sampled_from(["192.0.2.1", "2001:db8::1", "x"])),
    ),
    max_size=5,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["resolve", "answer", "fail", "time", "cancel"]), _RECORDS, st.integers(0, 9)
        ),
        max_size=40,
    )
)
def test_any_order_of_inputs_gives_one_result_for_each_lookup(
    steps: list[tuple[str, list[Record], int]],
) -> None:
    """TRN-11, laws 2, 5, 8: whatever the DNS says, in whatever order; nothing is left."""
    resolver = Resolver(ResolverConfig(max_lookups=5), now=0.0, ids=Ids(Random(1).randbytes))
    uris = [
        "sip:h",
        "sips:h",
        "sip:h;transport=udp",
        "sip:h:5060",
        "sip:192.0.2.1",
        "sip:h;transport=tcp",
        "tel:1",
    ]
    now, questions, results, lookups = 0.0, 0, [], 0
    for what, records, number in steps:
        match what:
            case "resolve":
                resolver.resolve(uris[number % len(uris)], now, size=2000 * (number % 2))
                lookups += 1
            case "answer":
                resolver.receive_answer(number, records, float(number), now)
            case "fail":
                resolver.question_failed(number, now)
            case "cancel":
                resolver.cancel(number, now)
            case _:
                now += number
                resolver.handle_timeout(now)
                assert resolver.deadline is None or resolver.deadline > now
        while (event := resolver.next_event()) is not None:
            if isinstance(event, DnsQuestion):
                questions += 1
            else:
                results.append(event.query)
    resolver.close(now)
    while (event := resolver.next_event()) is not None:
        if not isinstance(event, DnsQuestion):
            results.append(event.query)
    assert sorted(results) == list(range(1, lookups + 1))
    assert resolver.closed
    assert resolver.deadline is None
    assert len(resolver._questions) == 0
    assert not resolver._questions._asked_by


def test_the_table_has_no_dead_end() -> None:
    """TRN-11, law 7."""
    rows = LOOKUP_TABLE.rows
    for state in set(LookupState) - {LookupState.DONE}:
        timers = {what for (before, what), rule in rows.items() if before is state and "TIMER" in what.name}
        assert bool(timers) != (state in LOOKUP_TABLE.user_owned)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"transports": ()}, "transports"),
        ({"transports": ("SCTP",)}, "transports"),
        ({"transports": ("UDP", "UDP")}, "transports"),
        ({"families": ("MX",)}, "families"),
        ({"timeout": 0.0}, "timeout"),
        ({"max_lookups": 0}, "max_lookups"),
        ({"negative_ttl": -1.0}, "negative_ttl"),
    ],
)
def test_a_bad_configuration_names_its_field(change: dict[str, Any], field: str) -> None:
    """TRN-11."""
    with pytest.raises(ValueError, match=field):
        ResolverConfig(**change)


def test_default_ports() -> None:
    """RFC 3261 §19.1.2, RFC 7118 §5."""
    assert [default_port(name) for name in ("UDP", "TCP", "TLS", "WS", "WSS")] == [5060, 5060, 5061, 80, 443]
