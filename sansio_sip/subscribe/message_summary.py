"""Message waiting: how many messages lie in a mailbox (RFC 3842)."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from ..errors import LocalProtocolError, ParseError
from ..message.fields import checked_field

__all__ = [
    "MESSAGE_SUMMARY_TYPE",
    "MessageCounts",
    "MessageSummary",
    "build_message_summary",
    "merge_message_summaries",
    "parse_message_summary",
]

MESSAGE_SUMMARY_TYPE = "application/simple-message-summary"

_MAX_COUNT = 2**32 - 1
_MAX_LINES = 2_000
_LINE = re.compile(r"([^\s:]++)[ \t]*+:[ \t]*+(.*+)")
_COUNTS = re.compile(r"([0-9]++)/([0-9]++)(?:\(([0-9]++)/([0-9]++)\))?+")
_BLANKS = str.maketrans("", "", " \t")
_FOLD = re.compile(r"\r?\n[ \t]+")


@attrs.frozen
class MessageCounts:
    """Messages of one class; of the new and the old ones, some are urgent.

    Attributes:
        new: New messages.
        old: Old messages.
        urgent_new: Urgent ones among the new, None when not told.
        urgent_old: Urgent ones among the old, None when not told.
    """

    new: int
    old: int
    urgent_new: int | None = None
    urgent_old: int | None = None


@attrs.frozen
class MessageSummary:
    """What a mailbox holds; as the state of a notifier it also tells the headers of new messages.

    Attributes:
        waiting: Whether messages wait.
        account: URI of the mailbox, empty when it goes without saying.
        counts: Numbers by message context class, such as ``voice-message``, in lower case.
        headers: Header fields of messages that came since the last notification, message by message.
    """

    waiting: bool
    account: str = ""
    counts: dict[str, MessageCounts] = attrs.field(factory=dict[str, MessageCounts])
    headers: tuple[tuple[tuple[str, str], ...], ...] = ()

    @property
    def content_type(self) -> str:
        """Media type of the documents."""
        return MESSAGE_SUMMARY_TYPE

    def document(self, version: int, *, full: bool) -> bytes:
        """Return the summary; what answers a SUBSCRIBE has no headers of messages (§3.5, §3.8)."""
        return build_message_summary(attrs.evolve(self, headers=()) if full else self)


def build_message_summary(summary: MessageSummary) -> bytes:
    """Write a summary.

    Raises:
        LocalProtocolError: A name or value cannot stand in it, or a count is above 2**32-1.
    """
    lines = [("Messages-Waiting", "yes" if summary.waiting else "no")]
    if summary.account:
        lines.append(("Message-Account", summary.account))
    lines += [("-".join(map(str.capitalize, name.split("-"))), _write_counts(counts))
              for name, counts in summary.counts.items()]  # fmt: skip
    text = _write_lines(lines)
    for message in summary.headers:
        text += "\r\n" + _write_lines(message)
    return text.encode("utf-8", "surrogateescape")


def _write_lines(lines: Iterable[tuple[str, str]]) -> str:
    checked = [(name, checked_field(name, value)[2]) for name, value in lines]
    return "".join(f"{name}: {value}\r\n" for name, value in checked)


def _write_counts(counts: MessageCounts) -> str:
    numbers = (counts.new, counts.old, counts.urgent_new or 0, counts.urgent_old or 0)
    if not all(0 <= number <= _MAX_COUNT for number in numbers):
        raise LocalProtocolError(f"{counts} has a count that is not in 0..2**32-1")
    text = f"{counts.new}/{counts.old}"
    if counts.urgent_new is None and counts.urgent_old is None:
        return text
    return f"{text} ({numbers[2]}/{numbers[3]})"


def parse_message_summary(data: bytes) -> MessageSummary:
    """Read a summary; names and the status are read in any case, lines that say nothing are left out.

    Raises:
        ParseError: The first line is not the status, or there are too many lines.
    """
    text = _FOLD.sub(" ", data.decode("utf-8", "surrogateescape")).replace("\r\n", "\n")
    if text.count("\n") > _MAX_LINES:
        raise _bad(f"more than {_MAX_LINES} lines")
    blocks = text.strip("\n").split("\n\n")
    lines = _read_lines(blocks[0])
    if not lines or lines[0][0].lower() != "messages-waiting":
        raise _bad("the first line is not Messages-Waiting")
    waiting = lines[0][1].lower()
    if waiting not in ("yes", "no"):
        raise _bad(f"Messages-Waiting is {waiting[:40]!r}")
    account, counts = "", dict[str, MessageCounts]()
    for name, value in lines[1:]:
        match = _COUNTS.fullmatch(value.translate(_BLANKS))
        if name.lower() == "message-account":
            account = value
        elif match is not None:
            new, old, urgent_new, urgent_old = match.groups()
            counts[name.lower()] = MessageCounts(
                _count(new),
                _count(old),
                None if urgent_new is None else _count(urgent_new),
                None if urgent_old is None else _count(urgent_old),
            )
    headers = tuple(tuple(found) for block in blocks[1:] if (found := _read_lines(block)))
    return MessageSummary(waiting == "yes", account, counts, headers)


def _read_lines(block: str) -> list[tuple[str, str]]:
    matches = [_LINE.fullmatch(line) for line in block.split("\n")]
    return [(match[1], match[2].strip(" \t")) for match in matches if match is not None]


def _count(digits: str) -> int:
    """Read a count; one above 2**32-1 is that (§3.5)."""
    digits = digits.lstrip("0") or "0"
    return _MAX_COUNT if len(digits) > 10 else min(int(digits), _MAX_COUNT)


def merge_message_summaries(summaries: Iterable[MessageSummary]) -> MessageSummary:
    """Make one of what several notifiers tell of the same mailbox (§3.10): yes when one says yes."""
    waiting, account, counts = False, "", dict[str, MessageCounts]()
    for summary in summaries:
        waiting = waiting or summary.waiting
        account = account or summary.account
        for name, new in summary.counts.items():
            counts[name] = _sum(counts[name], new) if name in counts else new
    return MessageSummary(waiting, account, counts)


def _sum(one: MessageCounts, other: MessageCounts) -> MessageCounts:
    urgent_new = (one.urgent_new or 0) + (other.urgent_new or 0)
    urgent_old = (one.urgent_old or 0) + (other.urgent_old or 0)
    return MessageCounts(one.new + other.new, one.old + other.old, urgent_new, urgent_old)


def _bad(message: str) -> ParseError:
    return ParseError(f"no message summary: {message}", error_class="body", rule="RFC 3842 §5.2")
