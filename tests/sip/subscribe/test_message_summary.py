"""Message waiting (RFC 3842)."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.subscribe import (
    MessageCounts,
    MessageSummary,
    build_message_summary,
    merge_message_summaries,
    parse_message_summary,
)

DATA = Path(__file__).parents[2] / "data" / "subscribe" / "message-summary.json"
BODIES: list[str] = json.loads(DATA.read_text(encoding="utf-8"))["bodies"]
SUMMARY = MessageSummary(
    True, "sip:alice@vmail.example.com", {"voice-message": MessageCounts(4, 8, 1, 2)},
    ((("To", "<alice@example.com>"), ("Subject", "carpool tomorrow?")), (("Priority", "urgent"),)),
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_body_of_the_rfc_survives_octet_by_octet(number: int) -> None:
    """SRV-6: RFC 3842 §3.5, §4.1, §5.2."""
    body = BODIES[number].encode()
    read = parse_message_summary(body)
    assert read.waiting
    assert read.account == "sip:alice@vmail.example.com"
    assert set(read.counts) == {"voice-message"}
    assert build_message_summary(read) == body


def test_headers_of_new_messages_are_told_message_by_message() -> None:
    """SRV-6: RFC 3842 §3.5: but never in answer to a SUBSCRIBE (§3.8)."""
    read = parse_message_summary(BODIES[1].encode())
    assert [dict(message)["Priority"] for message in read.headers] == ["normal", "urgent"]
    assert read.content_type == "application/simple-message-summary"
    assert read.document(7, full=False) == BODIES[1].encode()
    assert parse_message_summary(read.document(7, full=True)) == attrs.evolve(read, headers=())


@pytest.mark.parametrize(("line", "counts"), [
    ("Voice-Message: 1/3 (0/1)", MessageCounts(1, 3, 0, 1)),
    ("voice-message:2/4", MessageCounts(2, 4)),
    ("VOICE-MESSAGE \t: 2 / 4 ( 1 / 1 ) ", MessageCounts(2, 4, 1, 1)),
    ("Voice-Message: 99999999999/4294967296", MessageCounts(2**32 - 1, 2**32 - 1)),
    ("Voice-Message: 00000000000000000007/0", MessageCounts(7, 0)),
    ("Voice-Message: 2\r\n /4", MessageCounts(2, 4)),
])  # fmt: skip
def test_counts_are_read_in_any_case_and_cut_at_the_limit(line: str, counts: MessageCounts) -> None:
    """SRV-6: RFC 3842 §3.5, §5.2."""
    assert parse_message_summary(f"messages-waiting: YES\r\n{line}\r\n".encode()).counts == {
        "voice-message": counts
    }


@pytest.mark.parametrize(
    "line", ["Voice-Message: 1", "Voice-Message: a/b", "Voice-Message: 1/2 (3)", "odd", ": 1/2"]
)
def test_line_that_says_nothing_is_left_out(line: str) -> None:
    """SRV-6: RFC 3842 §5.2."""
    assert parse_message_summary(f"Messages-Waiting: no\n{line}\n".encode()) == MessageSummary(False)


@pytest.mark.parametrize("body", [
    b"", b"Voice-Message: 1/2\r\n", b"Messages-Waiting: perhaps\r\n", b"\r\n\r\n",
    b"Messages-Waiting: yes\r\n" + b"a: b\r\n" * 2_001,
])  # fmt: skip
def test_body_without_its_status_or_too_long_is_refused(body: bytes) -> None:
    """SRV-6: RFC 3842 §5.2."""
    with pytest.raises(ParseError):
        parse_message_summary(body)


@pytest.mark.parametrize("summary", [
    MessageSummary(True, counts={"voice-message": MessageCounts(2**32, 0)}),
    MessageSummary(True, counts={"voice-message": MessageCounts(-1, 0)}),
    MessageSummary(True, "sip:a@b\r\nX: y"),
    MessageSummary(True, headers=((("Sub ject", "x"),),)),
])  # fmt: skip
def test_what_cannot_be_told_is_the_callers_mistake(summary: MessageSummary) -> None:
    """SRV-6, MSG-9: RFC 3842 §3.5: no count above 2**32-1."""
    with pytest.raises(LocalProtocolError):
        build_message_summary(summary)


@pytest.mark.parametrize(
    "summary", [SUMMARY, MessageSummary(False, counts={"fax-message": MessageCounts(2, 4)})]
)
def test_round_trip(summary: MessageSummary) -> None:
    """SRV-6."""
    assert parse_message_summary(build_message_summary(summary)) == summary


@settings(max_examples=100)
@given(st.binary(max_size=120) | st.text("Messages-Waiting: yno/()\r\n1", max_size=80).map(str.encode))
def test_any_octets_give_a_summary_or_a_parse_error(data: bytes) -> None:
    """SRV-6, SEC-2."""
    try:
        parse_message_summary(data)
    except ParseError:
        return


def test_summaries_of_several_notifiers_are_merged() -> None:
    """SRV-6: RFC 3842 §3.10: yes when one says yes."""
    other = MessageSummary(
        False, counts={"voice-message": MessageCounts(1, 0), "fax-message": MessageCounts(2, 3)}
    )
    merged = merge_message_summaries([other, SUMMARY])
    assert (merged.waiting, merged.account) == (True, SUMMARY.account)
    assert merged.counts == {"voice-message": MessageCounts(5, 8, 1, 2), "fax-message": MessageCounts(2, 3)}
    assert merge_message_summaries([other, other]).waiting is False
