"""Mutants of every message of the RFCs, and of other projects' fuzz seeds where there are any.

The environment variable FUZZ_SEEDS names a folder of such seeds; their licences keep them out of this tree.
20,000 mutants are thrown by default, a million with ``-m long``.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from sansio_sip.errors import ParseError, ProtocolError
from sansio_sip.framing import StreamFramer, WebSocketFramer, receive_datagram
from sansio_sip.message import Message
from sansio_sip.sdp import parse_sdp
from tests.sip.test_agent_mutants import Bench, throw_mutants
from tests.sip.test_linear_cost import VALUES, drain, touch
from tests.sip.vectors import EXAMPLES, TORTURE, octets

PER_BLOCK = 1_000


def fuzz_seeds() -> list[bytes]:
    """The seeds of other projects, none where there is no such folder; audio and keys are not for us."""
    folder = Path(os.environ.get("FUZZ_SEEDS") or "nowhere")
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return [data for path in files if 0 < len(data := path.read_bytes()) < 65_536]


SEEDS = [octets(vector) for vector in [*TORTURE, *EXAMPLES]] + fuzz_seeds()


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


def mutate_and_read(random: Random, count: int) -> None:
    made = bench()
    for number in range(count):
        data = made.mutant(random)
        read_every_way(data)
        if number % 20 == 0:  # a line of it as each kind of header value
            lines = data.decode("utf-8", "surrogateescape").split("\r\n")
            read_as_every_value(random.choice(lines).partition(":")[2].strip())


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
