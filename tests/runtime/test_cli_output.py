from __future__ import annotations

import io
import json
import logging
import threading
from typing import get_args

import pytest
import trio

from sansio_sip.invite import Rejected, RemoteBye
from tests.runtime.cli_bench import Run
from trio_runtime.base import (
    CallDirection,
    CallPriority,
    CallRejected,
    CallState,
    ConfigurationError,
    InvalidUriError,
    PortInUseError,
    SessionId,
    VoipError,
)
from trio_runtime.cli.failures import UsageError, failure_of
from trio_runtime.cli.logs import logging_to
from trio_runtime.cli.printing.event_records import event_record
from trio_runtime.cli.printing.output import Json, Output, Record
from trio_runtime.events import conference_types as conference
from trio_runtime.events import queue_types as queue_facts
from trio_runtime.events import relation_types as relations
from trio_runtime.events import types as facts
from trio_runtime.events.supervision_types import SupervisionChanged
from trio_runtime.testing import Wire

CALL = SessionId("c1")
EVENTS: list[tuple[facts.SessionEvent, str | None, dict[str, Json]]] = [
    (facts.SessionCreated(CALL, CallDirection.INCOMING, "sip:a@b"), None, {}),
    (facts.SessionCreated(CALL, CallDirection.OUTGOING, "sip:a@b"), "calling", {"remote": "sip:a@b"}),
    (facts.IncomingCallReceived(CALL, "sip:a@b", "sip:c@d"), "incoming", {"called": "sip:c@d"}),
    (facts.CallStateChanged(CALL, CallState.INITIATING, CallState.RINGING), "ringing", {}),
    (facts.CallStateChanged(CALL, CallState.RINGING, CallState.ACTIVE), None, {}),
    (facts.CallAnswered(CALL), "answered", {}),
    (facts.MediaChanged(CALL, None, False), "media", {"codec": None, "early": False}),
    (facts.DigitReceived(CALL, "5", 160, "rfc4733"), "digit", {"digit": "5", "source": "rfc4733"}),
    (facts.InfoReceived(CALL, "text/plain", b"hello"), "info", {"type": "text/plain", "octets": 5}),
    (facts.CallTerminated(CALL, RemoteBye(), 2.5), "ended", {"end": "RemoteBye", "duration_s": 2.5}),
    (facts.CallTerminated(CALL, Rejected(486, "Busy"), 0), "ended", {"status_code": 486}),
    (facts.HandlerFailed(CALL, "KeyError: 1"), "handler_failed", {"error": "KeyError: 1"}),
    (facts.MediaFailed(CALL, "broken"), "media_failed", {"error": "broken"}),
    (
        facts.QualityAlert(CALL, "received", "poor", "good", 2.3456),
        "quality",
        {"direction": "received", "level": "poor", "before": "good", "mos": 2.346},
    ),
    (facts.HandlerBlocked(CALL, "echo", 0.51234), "handler_blocked", {"handler": "echo", "seconds": 0.512}),
    (facts.HandlerLingers(CALL, "echo", 60.0), "handler_lingers", {"handler": "echo", "seconds": 60.0}),
    (facts.MediaTimedOut(CALL, 30.0, True), "media_timed_out", {"silent_s": 30.0, "ended": True}),
    (facts.MediaTimedOut(CALL, 30.0, False), "media_timed_out", {"silent_s": 30.0, "ended": False}),
    (facts.NetworkChanged(("10.0.0.1",), ()), "network_changed", {"lost": ["10.0.0.1"], "found": []}),
    (facts.EventsLost(3), "events_lost", {"count": 3}),
    (facts.MessageMalformed("10.0.0.1", 5060, "no Via"), "malformed", {"host": "10.0.0.1"}),
    (facts.CallProgressed(CALL, 180, "Ringing"), None, {}),
    (facts.CallProgressed(CALL, 183, "Session Progress"), "progress", {"status_code": 183}),
    (facts.ConferenceOpened("c9"), "conference_opened", {"conference": "c9"}),
    (facts.ConferenceClosed("c9", 2), "conference_closed", {"members": 2}),
    (facts.MemberJoined(CALL, "c9", 1), "joined", {"conference": "c9", "members": 1}),
    (facts.MemberLeft(CALL, "c9", 0), "left", {"members": 0}),
    (facts.SpeakerChanged(CALL, "c9"), "speaker", {"conference": "c9"}),
    (conference.ConferenceLocked("c9", True), "conference_locked", {"locked": True}),
    (conference.ConferenceLocked("c9", False), "conference_locked", {"locked": False}),
    (conference.MemberChanged(CALL, "c9", "listener", True), "member_changed", {"role": "listener"}),
    (conference.MemberRefused(CALL, "c9", "pin"), "member_refused", {"reason": "pin"}),
    (
        conference.DialOutFailed(CALL, "c9", "sip:c@d", Rejected(486, "Busy Here")),
        "dial_out_failed",
        {"uri": "sip:c@d", "end": "rejected: 486 Busy Here"},
    ),
    (conference.BridgeOpened("bridge_1", (CALL, CALL)), "bridge_opened", {"calls": ["c1", "c1"]}),
    (conference.BridgeClosed("bridge_1", (CALL, CALL)), "bridge_closed", {"bridge": "bridge_1"}),
    (relations.CallPrepared(CALL, "sip:a@b", 20_000), "prepared", {"media_port": 20_000}),
    (relations.PreparationEnded(CALL, "expired"), "preparation_ended", {"outcome": "expired"}),
    (relations.GroupChanged(CALL, "team", "joined", 2), "group", {"group": "team", "members": 2}),
    (relations.GroupChanged(None, "team", "closed", 0), "group", {"change": "closed"}),
    (relations.LinkChanged(CALL, CALL, "legs", "cascaded"), "link", {"other": "c1", "change": "cascaded"}),
    (facts.CallHeld(CALL), "held", {}),
    (facts.CallResumed(CALL), "resumed", {}),
    (facts.RemoteHoldChanged(CALL, True), "remote_hold", {"held": True}),
    (facts.RemoteHoldChanged(CALL, False), "remote_hold", {"held": False}),
    (
        facts.TransferRequested(CALL, "sip:c@d", "<sip:a@b>", True),
        "transfer_requested",
        {"target": "sip:c@d", "by": "<sip:a@b>", "attended": True},
    ),
    (facts.TransferProgressed(CALL, 180, "Ringing"), "transfer_progress", {"status_code": 180}),
    (facts.TransferCompleted(CALL), "transferred", {}),
    (facts.TransferFailed(CALL, 486, "Busy Here"), "transfer_failed", {"reason": "Busy Here"}),
    (
        facts.Registered("r1", "sip:a@b", 300, True, ("<sip:a@10.0.0.1>",), "udp:10.0.0.9:5060"),
        "registered",
        {"uri": "sip:a@b", "expires": 300, "refreshed": True, "bindings": ["<sip:a@10.0.0.1>"]},
    ),
    (
        facts.RegistrationFailed("r1", "sip:a@b", 503, "Busy", 2.5, True),
        "registration_failed",
        {"status_code": 503, "retry_in": 2.5, "registered": True},
    ),
    (facts.RegistrationFailed("r1", "sip:a@b", 403, "No", None, False), "registration_failed", {}),
    (facts.Unregistered("r1", "sip:a@b", "removed"), "unregistered", {"cause": "removed"}),
    (facts.Unregistered("r1", "sip:a@b", "never"), None, {}),
    (
        facts.MessageReceived(None, "sip:a@b", "sip:c@d", "text/plain", b"hi", ""),
        "message",
        {"sender": "sip:a@b", "recipient": "sip:c@d", "type": "text/plain", "text": "hi"},
    ),
    (
        facts.ContactRegistered("sip:a@b", "sip:a@c", 60, True, "udp:c:5060", "x/1", "a"),
        "contact_registered",
        {
            "address": "sip:a@b",
            "contact": "sip:a@c",
            "expires": 60,
            "refreshed": True,
            "source": "udp:c:5060",
        },
    ),
    (
        facts.ContactRemoved("sip:a@b", "sip:a@c", "expired", 0),
        "contact_removed",
        {"cause": "expired", "left": 0},
    ),
    (facts.RegisterRefused("<sip:a@b>", 403, "no", "a"), "register_refused", {"status_code": 403}),
    (
        facts.PresenceChanged("a@b", "in-call", "with c", 1),
        "presence",
        {"resource": "a@b", "status": "in-call", "note": "with c", "watchers": 1},
    ),
    (facts.WatcherSubscribed("a@b", "reg", "sip:c@b", 60), "watcher_subscribed", {"package": "reg"}),
    (facts.WatcherRefused("a@b", "reg", "sip:c@b", 403), "watcher_refused", {"status_code": 403}),
    (facts.WatcherGone("a@b", "reg", "sip:c@b"), "watcher_gone", {"watcher": "sip:c@b"}),
    (facts.StoreFailed("disk full", 2), "store_failed", {"error": "disk full", "waiting": 2}),
    (
        queue_facts.CallerQueued(CALL, "sales", 2, CallPriority.HIGH),
        "queued",
        {"queue": "sales", "position": 2, "priority": "high"},
    ),
    (queue_facts.CallerOffered(CALL, "sales", "anna"), "offered", {"agent": "anna"}),
    (queue_facts.OfferMissed(CALL, "sales", "anna", "no_answer"), "missed", {"reason": "no_answer"}),
    (
        queue_facts.CallerConnected(CALL, "sales", "anna", SessionId("a1"), 2.5),
        "connected",
        {"agent": "anna", "agent_session": "a1", "waited_s": 2.5},
    ),
    (queue_facts.CallerServed(CALL, "sales", "anna", 60.0), "served", {"talked_s": 60.0}),
    (queue_facts.CallerAbandoned(CALL, "sales", 7.0), "abandoned", {"waited_s": 7.0}),
    (queue_facts.CallerOverflowed(CALL, "sales", "full", 0.0), "overflowed", {"reason": "full"}),
    (queue_facts.CallbackWanted(CALL, "sales", "sip:a@b"), "callback", {"uri": "sip:a@b"}),
    (SupervisionChanged(CALL, SessionId("s1"), "whisper"), "supervision", {"mode": "whisper"}),
    (
        queue_facts.AgentStateChanged("anna", "busy", "paused", "lunch"),
        "agent",
        {"agent": "anna", "old": "busy", "new": "paused", "reason": "lunch"},
    ),
]


@pytest.mark.parametrize(("event", "name", "values"), EVENTS)
def test_every_event_has_its_line(
    event: facts.SessionEvent, name: str | None, values: dict[str, Json]
) -> None:
    """COO-6, SES-18: one line an event, none for what another line says."""
    record = event_record(event, 1.25)
    assert (record and record.event) == name
    if record is not None:
        assert values.items() <= record.values.items()
        assert record.values["time"] == 1.25
        assert record.values.get("call") == getattr(event, "session_id", None)
        assert record.text.strip()


def test_no_event_is_forgotten() -> None:
    """COO-6: whoever adds an event says how it is told."""
    assert {type(event) for event, _, _ in EVENTS} == set(get_args(facts.SessionEvent))


@pytest.mark.parametrize("json_lines", [True, False])
def test_peer_cannot_command_the_terminal(json_lines: bool) -> None:
    """SEC-1: control characters of a peer are shown, not obeyed; a line stays a line."""
    stream = io.StringIO()
    event = facts.IncomingCallReceived(CALL, "sip:\x1b[2J\r\x07@b", "sip:c@d")
    record = event_record(event, 0)
    assert record is not None
    Output(stream, json_lines=json_lines).write(record)
    assert all(sign.isprintable() for sign in stream.getvalue().removesuffix("\n"))
    if json_lines:
        assert json.loads(stream.getvalue())["remote"] == "sip:\x1b[2J\r\x07@b"


def test_text_for_programs_only_is_no_line_for_people() -> None:
    """COO-6."""
    stream = io.StringIO()
    Output(stream, json_lines=False).write_all([Record("only", "", {"x": 1}), Record("both", "text")])
    assert stream.getvalue() == "text\n"


class StuckPipe(io.TextIOBase):
    """Standard output whose reader stands still until it is freed."""

    def __init__(self) -> None:
        self.entered, self.freed = threading.Event(), threading.Event()
        self.written = ""

    def write(self, text: str) -> int:
        self.entered.set()
        assert self.freed.wait(10)
        self.written += text
        return len(text)


async def test_reader_that_stands_still_holds_up_no_other_task() -> None:
    """COO-6: the signalling goes on while a pipe is full."""
    pipe = StuckPipe()
    output = Output(pipe, json_lines=False)  # type: ignore[arg-type]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(output.write_patiently, [Record("one", "line")])
        await trio.to_thread.run_sync(pipe.entered.wait)
        await trio.lowlevel.checkpoint()  # we are not held up
        pipe.freed.set()
    assert pipe.written == "line\n"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (UsageError("no such verb"), (2, "no such verb")),
        (ConfigurationError("must be less", field="t1"), (2, "t1: must be less")),
        (InvalidUriError("no URI"), (2, "no URI")),
        (PortInUseError("port 5060 is in use"), (1, "port 5060 is in use")),
        (CallRejected(486, "Busy Here"), (1, "call rejected: 486 Busy Here")),
        (VoipError("two\r\nlines"), (1, "two lines")),
        (VoipError(""), (1, "failed")),
        (PermissionError(13, "Permission denied", "/x/y.wav"), (1, "/x/y.wav: Permission denied")),
        (BrokenPipeError(), (1, "")),
        (KeyboardInterrupt(), (130, "")),
        (ExceptionGroup("both", [VoipError("first"), VoipError("second")]), (1, "first")),
        (BaseExceptionGroup("all", [KeyboardInterrupt()]), (130, "")),
        (ZeroDivisionError("ours"), None),
        (ExceptionGroup("both", [VoipError("first"), ZeroDivisionError("ours")]), None),
    ],
)
def test_failure_is_one_line_and_a_status(error: BaseException, outcome: tuple[int, str] | None) -> None:
    """ERR-1: 2 for usage, 1 for the world; a fault of our own is never hidden."""
    assert failure_of(error) == outcome


def test_expected_error_in_the_log_is_one_line() -> None:
    """ERR-1: no traceback for a `VoipError`, the whole one for a fault of our own."""
    stream = io.StringIO()
    logger = logging.getLogger("trio_runtime")
    with logging_to(stream):
        logger.error("handler failed", exc_info=VoipError("no port left"))
        assert stream.getvalue() == "error: handler failed: no port left\n"
        logger.error("handler failed", exc_info=ZeroDivisionError("ours"))
    assert "ZeroDivisionError: ours" in stream.getvalue()
    assert not logger.handlers


async def test_lines_of_a_call_come_in_order(autojump_clock: trio.testing.MockClock) -> None:
    """COO-6: time never goes back from line to line."""
    wire = Wire()
    server = Run(("serve", "--json", "--gc", "default", "--bind", "10.0.0.2:5060", "--duration", "9"))
    async with wire, trio.open_nursery() as nursery:
        nursery.start_soon(server.main, wire.environment("10.0.0.2"))
        await server.said("ready")
        for number in range(3, 6):
            run = Run(("call", "sip:bob@10.0.0.2", "--dtmf", "1", "--duration", "1"))
            nursery.start_soon(run.main, wire.environment(f"10.0.0.{number}"))
    times = [record["time"] for record in server.records if "time" in record]
    assert len(times) == 15
    assert times == sorted(times)
