"""Log lines: structured, on one line, without secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import trio
from trio.testing import MockClock

from trio_runtime import open_client, open_server
from trio_runtime.handlers import AutoAnswerHandler
from trio_runtime.observe import Trace
from trio_runtime.observe.event_log import EventLog, log_message
from trio_runtime.observe.logs import JsonLineFormatter, RedactingFilter, RedactingFormatter
from trio_runtime.testing import Wire

SECRET = "sip:alice:hunter2@example.com"


def record(text: str = "from %s", *values: object, error: Exception | None = None) -> logging.LogRecord:
    info = None
    if error is not None:
        try:
            raise error
        except Exception as raised:
            info = (type(raised), raised, raised.__traceback__)
    return logging.LogRecord("trio_runtime", logging.WARNING, __file__, 1, text, values or (SECRET,), info)


class Lines(logging.Handler):
    """Keeps formatted lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    handler.setFormatter(JsonLineFormatter())
    loggers = [logging.getLogger(f"trio_runtime.{name}") for name in ("events", "messages")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    yield handler
    for logger in loggers:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)


def test_a_json_line_has_the_fields_of_its_record() -> None:
    """MET-2: one line of ASCII, whatever is in it."""
    entry = record("from %s\nto %s", SECRET, "b\u00f6b")
    entry.session_id, entry.media = "s1", {"port": 4_000}
    line = JsonLineFormatter().format(entry)
    assert "\n" not in line
    assert line.isascii()
    assert json.loads(line) == {
        "session_id": "s1",
        "media": "{'port': 4000}",
        "time": round(entry.created, 6),
        "level": "warning",
        "logger": "trio_runtime",
        "message": "from sip:alice:*******@example.com\nto b\u00f6b",
    }


def test_an_error_is_told_with_its_traceback_and_without_its_secret() -> None:
    """MET-2."""
    entry = record("it failed: %s", "x", error=ValueError(f"cannot call {SECRET}"))
    values = json.loads(JsonLineFormatter().format(entry))
    assert values["error"] == "ValueError: cannot call sip:alice:*******@example.com"
    assert values["traceback"].startswith("Traceback")
    text = RedactingFormatter(logging.Formatter("%(message)s")).format(entry)
    for told in (values["traceback"], text):
        assert "hunter2" not in told
        assert "*******@example.com" in told


def test_a_filter_masks_for_any_formatter() -> None:
    """MET-2."""
    entry = record()
    assert RedactingFilter().filter(entry)
    assert logging.Formatter("%(message)s").format(entry) == "from sip:alice:*******@example.com"
    assert RedactingFormatter().format(record()).endswith("from sip:alice:*******@example.com")


def test_a_long_value_is_cut() -> None:
    """MET-2: no peer fills a disk with one line."""
    assert len(JsonLineFormatter().format(record("%s", "x" * 1_000_000))) < 20_000


async def test_every_event_and_message_of_a_call_is_logged(autojump_clock: MockClock, lines: Lines) -> None:
    """MET-2: the typed trace of messages and state changes, as JSON lines."""
    wire = Wire()
    client = open_client("sip:alice@10.0.0.1", environment=wire.environment("10.0.0.1"))
    assert isinstance(client.trace, Trace)
    client.trace.taps.append(log_message)
    log = EventLog(client)
    server = open_server(handler=AutoAnswerHandler(), environment=wire.environment("10.0.0.2"))
    async with wire, server, client:
        async with client.make_call("sip:bob:hunter2@10.0.0.2") as call:
            await call.answered()
        await trio.sleep(1)
        log.close()
        client.start_call("sip:bob@10.0.0.2").hang_up()
    told = [json.loads(line) for line in lines.lines]
    events = [values for values in told if values["logger"] == "trio_runtime.events"]
    assert {values["session_id"] for values in events} == {call.id}
    changes = [(values["old"], values["new"]) for values in events if values["event"] == "CallStateChanged"]
    assert changes == [
        ("initiating", "active"),
        ("active", "terminating"),
        ("terminating", "terminated"),
    ]
    assert [values["event"] for values in events if "State" not in values["event"]] == [
        "SessionCreated",
        "MediaChanged",
        "CallAnswered",
        "CallTerminated",
    ]
    sent = [values for values in told if values["logger"] == "trio_runtime.messages"]
    assert sent[0]["message"].startswith("INVITE sip:bob:*******@10.0.0.2 SIP/2.0\r\n")
    assert (sent[0]["destination"], sent[0]["lost"]) == ("10.0.0.2:5060", False)
    assert not [line for line in lines.lines if "hunter2" in line]


async def test_chosen_events_only(autojump_clock: MockClock, lines: Lines) -> None:
    """MET-2."""
    wire = Wire()
    client = open_client("sip:alice@10.0.0.1", environment=wire.environment("10.0.0.1"))
    EventLog(client, wanted=lambda event: type(event).__name__ == "CallTerminated")
    async with wire, client:
        await client.start_call("sip:bob@10.0.0.2").ended()
    assert [json.loads(line)["event"] for line in lines.lines] == ["CallTerminated"]
