"""Metrics: what calls leave behind, and that a scraper can read it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import attrs
import pytest
import trio
from prometheus_client.parser import text_string_to_metric_families
from trio.testing import MockClock, memory_stream_pair

from trio_runtime import IncomingCall, open_client, open_server
from trio_runtime.base.errors import ConfigurationError, NetworkError, PortInUseError, VoipError
from trio_runtime.handlers import AutoAnswerHandler, CallDecision, CallHandler, Reject
from trio_runtime.observe.exposition import Family, Sample, histogram, render_exposition
from trio_runtime.observe.metrics import Metrics
from trio_runtime.observe.metrics_server import MetricsServer
from trio_runtime.observe.record_metrics import record_families
from trio_runtime.testing import Wire

ALICE, BOB = "10.0.0.1", "10.0.0.2"
_LINE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (\S+)')
KINDS = {"counter", "gauge", "histogram", "untyped"}


def parse(text: str) -> dict[str, float]:
    """Read an exposition strictly: each family once, HELP and TYPE before its samples, no sample twice."""
    values: dict[str, float] = {}
    families: set[str] = set()
    current = ""
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            current = line.split()[2]
            assert current not in families
            families.add(current)
        elif line.startswith("# TYPE "):
            assert line.split()[2] == current
            assert line.split()[3] in KINDS
        else:
            found = _LINE.fullmatch(line)
            assert found, line
            assert found[1] in {current + suffix for suffix in ("", "_bucket", "_sum", "_count")}
            key = found[1] + (f"{{{found[2]}}}" if found[2] else "")
            assert key not in values
            values[key] = float(found[3])
    return values


def test_an_exposition_escapes_and_writes_numbers_as_the_format_has_it() -> None:
    """MET-1."""
    family = Family(
        "a_total",
        "counter",
        "One\nline \\ more.",
        (Sample(3), Sample(0.25, {"x": 'a"b\\c\nd'}), Sample(math.nan)),
    )
    assert render_exposition([family]) == (
        "# HELP a_total One\\nline \\\\ more.\n# TYPE a_total counter\n"
        'a_total 3\na_total{x="a\\"b\\\\c\\nd"} 0.25\na_total NaN\n'
    )


def test_a_histogram_is_cumulative_and_ends_with_all() -> None:
    """MET-1."""
    values = parse(render_exposition([histogram("h", "About.", (0.5, 1), (2, 0, 3), 7.5)]))
    assert values == {
        'h_bucket{le="0.5"}': 2,
        'h_bucket{le="1"}': 2,
        'h_bucket{le="+Inf"}': 5,
        "h_sum": 7.5,
        "h_count": 5,
    }


@attrs.frozen
class _Inner:
    """Numbers within.

    Attributes:
        depth: How deep it is,
            in metres.
        name: No number.
    """

    depth: float
    name: str = "x"


@attrs.frozen
class _Outer:
    """A record."""

    inner: _Inner
    missing: float | None = None
    open: bool = True


def test_every_number_of_a_record_is_a_metric_with_its_own_description() -> None:
    """MET-1: whoever adds a counter has added it to the metrics."""
    families = record_families(_Outer(_Inner(2.5)), "voip")
    assert [(family.name, family.about, family.samples[0].value) for family in families] == [
        ("voip_inner_depth", "How deep it is, in metres.", 2.5),
        ("voip_open", "open", 1.0),
    ]


class Busy(CallHandler):
    """Refuses every call."""

    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        return Reject(486)


async def test_calls_are_counted_by_what_became_of_them(autojump_clock: MockClock) -> None:
    """MET-1: attempts, answered, failed by class, ASR, ACD, set-up time, active, RTP, ticks, datagrams."""
    wire = Wire()
    client = open_client(f"sip:alice@{ALICE}", environment=wire.environment(ALICE))
    metrics = Metrics(client)
    good = open_server(handler=AutoAnswerHandler(), environment=wire.environment(BOB))
    busy = open_server(handler=Busy(), environment=wire.environment("10.0.0.3"))
    async with wire, good, busy, client:
        async with client.make_call(f"sip:bob@{BOB}") as call:
            await call.answered()
            assert parse(metrics.render())["voip_calls_active"] == 1
            await trio.sleep(10)
        for host in ("10.0.0.3", "10.0.0.3", "10.0.0.4"):
            call = client.start_call(f"sip:x@{host}")
            await call.ended()
        await trio.sleep(1)
        values = parse(metrics.render())
        metrics.close()
        statistics = client.statistics()
        client.start_call(f"sip:x@{BOB}").hang_up()
        assert parse(metrics.render())['voip_call_attempts_total{direction="outgoing"}'] == 4
    assert values['voip_call_attempts_total{direction="outgoing"}'] == 4
    assert values['voip_call_attempts_total{direction="incoming"}'] == 0
    assert values['voip_calls_answered_total{direction="outgoing"}'] == 1
    failed = {key: value for key, value in values.items() if key.startswith("voip_calls_failed")}
    assert sum(failed.values()) == 3
    assert max(failed.values()) == 2
    assert values['voip_calls_ended_total{end="LocallyClosed"}'] == 1
    assert values["voip_calls_active"] == 0
    assert values["voip_answer_seizure_ratio"] == 0.25
    assert values["voip_average_call_duration_seconds"] == pytest.approx(10, abs=0.1)
    assert values["voip_call_setup_seconds_count"] == 1
    assert values['voip_call_setup_seconds_bucket{le="0.1"}'] == 1
    assert values["voip_sessions_total_sessions"] == 4
    assert statistics.rtp is not None
    assert values["voip_rtp_packets_sent"] == statistics.rtp.packets_sent > 400
    assert values["voip_media_lateness_p99_ms"] >= 0
    assert values["voip_dialogs_agent_transactions"] >= 0
    assert values["voip_dialogs_socket_sent"] > 8


async def test_a_third_party_reads_the_exposition(autojump_clock: MockClock) -> None:
    """MET-1: the parser of the Prometheus project finds the same values under the same names and kinds."""
    wire = Wire()
    client = open_client(f"sip:alice@{ALICE}", environment=wire.environment(ALICE))
    metrics = Metrics(client)
    async with wire, client:
        text = metrics.render()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert families["voip_call_setup_seconds"].type == "histogram"
    assert families["voip_call_attempts"].type == "counter"
    samples = [sample for family in families.values() for sample in family.samples]
    assert len(samples) == len(parse(text)) > 60


async def test_metrics_of_a_coordinator_that_is_not_open_are_an_error() -> None:
    """MET-1, ERR-1."""
    metrics = Metrics(open_client(environment=Wire().environment(ALICE)))
    with pytest.raises(VoipError, match="not open"):
        metrics.render()
    await trio.lowlevel.checkpoint()


async def ask(server: MetricsServer, request: bytes) -> bytes:
    ours, theirs = memory_stream_pair()
    answer = bytearray()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.handle, theirs)
        with trio.move_on_after(60):
            if request:
                await ours.send_all(request)
            async for data in ours:
                answer += data
        await ours.aclose()
    return bytes(answer)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", b"200 OK"),
        (b"GET /metrics?a=b HTTP/1.0\r\n\r\n", b"200 OK"),
        (b"GET / HTTP/1.1\r\n\r\n", b"404 Not Found"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"405 Method Not Allowed"),
        (b"INVITE sip:bob@x SIP/2.0\r\n\r\n", b"400 Bad Request"),
        (b"\xff\r\n\r\n", b"400 Bad Request"),
        (b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 9_000 + b"\r\n\r\n", b"400 Bad Request"),
    ],
)
async def test_only_a_scrape_is_answered(request_: bytes, status: bytes) -> None:
    """MET-1: what is malformed or too long gets an answer too, and is counted."""
    server = MetricsServer(lambda: "a 1\n")
    answer = await ask(server, request_)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status + b"\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert (body == b"a 1\n") == (status == b"200 OK")
    assert (server.statistics().answered, server.statistics().refused) == (
        (1, 0) if status == b"200 OK" else (0, 1)
    )


async def test_head_has_no_body() -> None:
    """MET-1."""
    answer = await ask(MetricsServer(lambda: "a 1\n"), b"HEAD /metrics HTTP/1.1\r\n\r\n")
    assert answer.endswith(b"\r\n\r\n")
    assert b"Content-Length: 4" in answer


async def test_a_failure_while_collecting_is_500_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    """MET-1, ERR-1."""

    def fail() -> str:
        raise RuntimeError("no statistics")

    answer = await ask(MetricsServer(fail), b"GET /metrics HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"statistics" not in answer
    assert "the metrics cannot be collected" in caplog.text


async def test_a_slow_client_is_let_go_and_one_too_many_is_not_taken(autojump_clock: MockClock) -> None:
    """MET-1: caps on time and number."""
    server = MetricsServer(lambda: "a 1\n", max_connections=1, timeout=5)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask, server, b"GET /metr")
        await trio.sleep(1)
        assert await ask(server, b"") == b""
    assert attrs.asdict(server.statistics()) == {"answered": 0, "refused": 1, "timed_out": 1}
    assert (await ask(server, b"GET /metrics HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("max_connections", lambda: MetricsServer(str, max_connections=0)),
        ("timeout", lambda: MetricsServer(str, timeout=0)),
        ("timeout", lambda: MetricsServer(str, timeout=math.nan)),
    ],
)
def test_a_bad_limit_names_its_field(field: str, make: Callable[[], MetricsServer]) -> None:
    """MET-1, ERR-1."""
    with pytest.raises(ConfigurationError, match=field):
        make()


async def test_the_listener_answers_over_a_socket() -> None:
    """MET-1."""
    async with trio.open_nursery() as nursery:
        host, port = await nursery.start(MetricsServer(lambda: "a 1\n").serve, "127.0.0.1", 0)
        with pytest.raises(PortInUseError, match=r"metrics on 127\.0\.0\.1"):
            await nursery.start(MetricsServer(str).serve, host, port)
        with pytest.raises(NetworkError, match=r"192\.0\.2\.1"):
            await nursery.start(MetricsServer(str).serve, "192.0.2.1", 0)
        with trio.fail_after(20):
            stream = await trio.open_tcp_stream(host, port)
            await stream.send_all(b"GET /metrics HTTP/1.1\r\n\r\n")
            answer = b"".join([data async for data in stream])
        await stream.aclose()
        assert answer.endswith(b"\r\n\r\na 1\n")
        nursery.cancel_scope.cancel()
