"""Mutants of every message of the RFCs, of every header and body, and of other projects' fuzz seeds.

The environment variable FUZZ_SEEDS names a folder of foreign seeds, whose licences keep them out of here.
20,000 mutants are thrown by default, a million with ``-m long``.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from sansio_sip.errors import ParseError, ProtocolError
from sansio_sip.framing import StreamFramer, WebSocketFramer, receive_datagram
from sansio_sip.message import Message, parse_message
from sansio_sip.message.names import STANDARD_NAMES
from sansio_sip.sdp import parse_sdp
from tests.sip.mutant_seeds import DESCRIPTIONS, MADE
from tests.sip.test_agent_mutants import MUTATIONS, Bench, throw_mutants
from tests.sip.test_linear_cost import VALUES, drain, read_quietly, touch
from tests.sip.vectors import EXAMPLES, TORTURE, octets

PER_BLOCK = 1_000


def fuzz_seeds() -> list[bytes]:
    """The seeds of other projects, none where there is no such folder; audio and keys are not for us."""
    folder = Path(os.environ.get("FUZZ_SEEDS") or "nowhere")
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return [data for path in files if 0 < len(data := path.read_bytes()) < 65_536]


SEEDS = [*(octets(vector) for vector in [*TORTURE, *EXAMPLES]), *MADE, *DESCRIPTIONS, *fuzz_seeds()]


def bench() -> Bench:
    """An agent with two calls, whose peer sends mutants of all seeds and of what belongs to the calls."""
    made = Bench()
    made.originals += SEEDS
    return made


def read_every_way(data: bytes) -> None:
    """Read octets as a datagram, a stream, a frame and a description; type every header."""
    try:
        message: object = receive_datagram(data)
    except ParseError as error:
        message = error.partial
    if isinstance(message, Message):
        touch(message)
    for framer in (StreamFramer(), WebSocketFramer()):
        framer.receive_data(data)
        drain(framer)
    try:
        parse_sdp(data)
    except ProtocolError:
        return


def read_as_every_value(text: str) -> None:
    for value in VALUES.values():
        try:
            value.read(text)
        except (ProtocolError, UnicodeEncodeError):
            continue


def mutant_of(random: Random, example: str) -> str:
    """A damaged value of one kind."""
    data = example.encode("utf-8", "surrogateescape")
    for _ in range(random.choice([1, 1, 2, 3])):
        data = random.choice(MUTATIONS)(random, data or b"x", ALL_EXAMPLES)
    return data.decode("utf-8", "surrogateescape")


ALL_EXAMPLES = [value.example.encode() for value in VALUES.values()]


def mutate_and_read(random: Random, count: int) -> None:
    made, kinds = bench(), list(VALUES.values())
    for number in range(count):
        data = made.mutant(random)
        read_every_way(data)
        kind = kinds[number % len(kinds)]
        read_quietly(kind.read, mutant_of(random, kind.example))
        if number % 20 == 0:  # a line of it as each kind of header value
            lines = data.decode("utf-8", "surrogateescape").split("\r\n")
            read_as_every_value(random.choice(lines).partition(":")[2].strip())


def test_seeds_have_every_header_and_every_kind_of_body() -> None:
    """MSG-9: what no seed has, no mutant damages; SDP, parts, PIDF, dialog-info and digest among it."""
    found: set[str] = set()
    bodies: set[str] = set()
    for seed in SEEDS:
        try:
            message = parse_message(seed)
        except ParseError:
            continue
        found |= {field[0] for field in message.fields}
        bodies.add(message.content_type or "")
    assert {name.lower() for name in STANDARD_NAMES} <= found
    assert {
        "application/sdp", "multipart/mixed", "application/pidf+xml", "application/dialog-info+xml",
        "application/simple-message-summary", "message/sipfrag",
    } <= bodies  # fmt: skip
    assert {
        "parse_challenge",
        "parse_sdp",
        "parse_multipart",
        "parse_pidf",
        "parse_dialog_info",
    } <= VALUES.keys()
    assert len(SEEDS) >= 62 + 119 + 177 + len(MADE) + 79


@pytest.mark.parametrize("seed", range(len(MADE)))
def test_made_seed_is_a_good_message(seed: int) -> None:
    """MSG-9: mutants of a bad one would be refused before any work."""
    message = receive_datagram(MADE[seed])
    assert message is not None
    touch(message)


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_seed_itself_is_read_or_refused(seed: int) -> None:
    """MSG-9: as it stands, in every way."""
    read_every_way(SEEDS[seed])
    read_as_every_value(SEEDS[seed].decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("block", range(10))
def test_mutants_of_every_seed_hurt_nobody(block: int) -> None:
    """MSG-9, TST-1: 10,000 at an agent with two calls."""
    throw_mutants(Random(f"agent {block}"), bench(), PER_BLOCK)


@pytest.mark.parametrize("block", range(10))
def test_mutants_of_every_seed_raise_nothing_but_parse_errors(block: int) -> None:
    """MSG-9: 10,000 read in every way, with every header typed."""
    mutate_and_read(Random(f"read {block}"), PER_BLOCK)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("block", range(50))
def test_half_a_million_mutants_hurt_nobody(block: int) -> None:
    """MSG-9, TST-1: 500,000 at agents with two calls; each thousand meets a new one."""
    for part in range(10):
        throw_mutants(Random(f"long agent {block} {part}"), bench(), PER_BLOCK)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("block", range(50))
def test_half_a_million_mutants_raise_nothing_but_parse_errors(block: int) -> None:
    """MSG-9: 500,000 read in every way."""
    mutate_and_read(Random(f"long read {block}"), 10 * PER_BLOCK)
