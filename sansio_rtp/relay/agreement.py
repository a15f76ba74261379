"""Whether what one leg sends is what the other takes, and by which payload types."""

from __future__ import annotations

import attrs

from ..codec import CodecDescription
from ..errors import LocalProtocolError
from ..session import RtpSessionConfig

UNKNOWN = -1
"""In a `FormatMap`: the other leg has no such format."""
_LONGEST_MS = 120
"""The longest packet that codecs make; timestamps further apart have a pause in between."""


class RelayMismatchError(LocalProtocolError):
    """Two legs have no common ground on which packets could pass without being decoded.

    Attributes:
        differences: What does not agree, each in a few words.
    """

    def __init__(self, *differences: str) -> None:
        """Remember the `differences`."""
        super().__init__(*differences)
        self.differences = differences

    def __str__(self) -> str:
        """Return all differences in one line."""
        return f"the legs of a relay do not agree: {'; '.join(self.differences)}"


@attrs.frozen
class FormatMap:
    """The formats that one leg sends, as the other one numbers them.

    Attributes:
        types: Payload type for the other leg by payload type that comes, 128 of them; `UNKNOWN` for none.
        voices: Payload types that come and are audio for both legs.
        refused: Payload types that come and are audio which the other leg does not take.
        events: Payload types that come and are telephone-events.
        codes: Event codes that the other leg takes.
        longest: Timestamp units that no packet is longer than.
    """

    types: tuple[int, ...]
    voices: frozenset[int]
    refused: frozenset[int]
    events: frozenset[int]
    codes: frozenset[int]
    longest: int

    def takes_event(self, payload: bytes) -> bool:
        """Tell whether the other leg takes a telephone-event; others must not be sent (RFC 4733 §2.5.1.1)."""
        return bool(payload) and payload[0] in self.codes


def agree(a: RtpSessionConfig, b: RtpSessionConfig) -> tuple[FormatMap, FormatMap]:
    """Return how formats of `a` are called for `b`, and those of `b` for `a`.

    The legs must send the same codec, with one clock. Everything else may differ: payload types, the length
    of packets (it is left as it is), SRTP, addresses, further codecs. A further codec passes where the other
    leg has it too, with the same clock; so do telephone-events and comfort noise.

    Raises:
        RelayMismatchError: They do not agree.
    """
    ours, theirs = a.send_format, b.send_format
    differences = [
        f"{name}: {one} and {other}"
        for name, one, other in (
            ("codec", ours.name, theirs.name),
            ("clock rate", f"{ours.clock_rate} Hz", f"{theirs.clock_rate} Hz"),
            ("channels", ours.channels, theirs.channels),
        )
        if one != other
    ]
    if differences:
        raise RelayMismatchError(*differences)
    maps = _map(a, b), _map(b, a)
    missing = [
        f"codec: {ours.label} is sent on both legs, but not received on the {leg}"
        for leg, formats in (("first", a), ("second", b))
        if ours.encoding not in {codec.encoding for codec in formats.receive_formats.values()}
    ]
    if missing:
        raise RelayMismatchError(*missing)
    return maps


def _map(receive: RtpSessionConfig, send: RtpSessionConfig) -> FormatMap:
    types = [UNKNOWN] * 128
    taken = _numbers(send)
    voices, refused = set[int](), set[int]()
    for number, codec in receive.receive_formats.items():
        types[number] = taken.get(codec.encoding, UNKNOWN)
        (refused if types[number] == UNKNOWN else voices).add(number)
    events = receive.receive_events
    if send.dtmf_send_payload_type is not None:
        for number, clock_rate in events.items():
            if clock_rate == send.event_clock_rate == send.clock_rate:
                types[number] = send.dtmf_send_payload_type
    if receive.noise_receive_payload_type is not None and send.noise_send_payload_type is not None:
        types[receive.noise_receive_payload_type] = send.noise_send_payload_type
    return FormatMap(
        tuple(types),
        frozenset(voices),
        frozenset(refused),
        frozenset(events),
        send.dtmf_events,
        send.clock_rate * _LONGEST_MS // 1000,
    )


def _numbers(config: RtpSessionConfig) -> dict[tuple[str, int, int], int]:
    """Return the payload types that a leg takes by codec, as far as they have the clock of its stream."""
    formats = config.send_formats or config.formats
    codecs: dict[int, CodecDescription] = {
        number: config.codecs.get(name) for number, name in formats.items()
    }
    numbers = {
        codec.encoding: number
        for number, codec in reversed(codecs.items())
        if codec.clock_rate == config.clock_rate
    }
    # Of two payload types with one codec the one that we send otherwise, too.
    numbers[config.send_format.encoding] = config.send_payload_type
    return numbers
