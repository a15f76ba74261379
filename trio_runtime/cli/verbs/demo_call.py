"""The call of the demo: two phones in one process that tell each other a tone and some keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import trio

from sansio_rtp.audio import ToneSource, sine
from trio_runtime.api import open_coordinator
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.errors import VoipError
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.observe import render_ladder

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.coordinator import SessionCoordinator
    from trio_runtime.media import MediaStatistics
    from trio_runtime.session import Call, IncomingCall

__all__ = ["ALICE", "BOB", "TONE_S", "Conversation", "Heard", "Party", "converse"]

HOST = "127.0.0.1"
TONE_S = 2.5
_LONGEST_S = 30.0
_KEYS_S = 5.0
_JITTER_BUFFER_MS = 100.0
"""Much for a loopback, but the machine may be busy: the demo measures the telephone, not the scheduler."""


@attrs.frozen
class Party:
    """One of the two.

    Attributes:
        name: Who.
        tone_hz: What it sings, in Hz.
        keys: What it presses afterwards.
    """

    name: str
    tone_hz: float
    keys: str


# Neither is a harmonic of the other, and the keys differ: an echo cannot be taken for the peer.
ALICE = Party("alice", 1004.0, "12#")
BOB = Party("bob", 440.0, "34*")


@attrs.frozen
class Heard:
    """What one party heard.

    Attributes:
        keys: Keys that the peer pressed.
        recording: WAV file, the peer left and itself right.
        statistics: What its media measured.
    """

    keys: str
    recording: Path
    statistics: MediaStatistics | None


@attrs.frozen
class Conversation:
    """What came out of the call.

    Attributes:
        ladder: Its signalling as alice saw it, a line of the diagram each.
        alice: What alice heard.
        bob: What bob heard.
    """

    ladder: tuple[str, ...]
    alice: Heard
    bob: Heard


async def converse(folder: Path, environment: Environment) -> Conversation:
    """Let alice call bob and return what both heard.

    Args:
        folder: Where ``alice.wav`` and ``bob.wav`` are written.
        environment: Clock, network and randomness of both.

    Raises:
        VoipError: The call failed or did not end in time.
    """
    async with _phones(environment) as (alice, bob):
        names = {alice.bound_addresses[0]: "alice", bob.bound_addresses[0]: "bob"}
        try:
            with trio.fail_after(_LONGEST_S):
                heard = await _talk(alice, bob, folder)
        except trio.TooSlowError as error:
            raise VoipError(f"the call was not over after {_LONGEST_S:.0f} s") from error
    ladder = render_ladder(alice.trace or (), names)
    return Conversation(tuple(ladder.splitlines()), *heard)


@asynccontextmanager
async def _phones(
    environment: Environment,
) -> AsyncIterator[tuple[SessionCoordinator, SessionCoordinator]]:
    config = CoordinatorConfig(bind_host=HOST, sip_port=0, media=MediaConfig(jitter_min_ms=_JITTER_BUFFER_MS))
    async with (
        open_coordinator(f"sip:alice@{HOST}", config=config, environment=environment) as alice,
        open_coordinator(f"sip:bob@{HOST}", config=config, environment=environment) as bob,
    ):
        yield alice, bob


async def _talk(alice: SessionCoordinator, bob: SessionCoordinator, folder: Path) -> tuple[Heard, Heard]:
    heard: dict[str, Heard] = {}
    both_heard, bob_is_done = trio.Event(), trio.Event()

    async def answer(call: IncomingCall) -> None:
        call.ring()
        await call.answer()
        heard[BOB.name] = await _speak_and_listen(call, BOB, ALICE, folder)
        both_heard.set()
        await call.ended()
        bob_is_done.set()

    host, port = bob.bound_addresses[0]
    async with trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call(f"sip:bob@{host}:{port}") as call:
            await call.answered()
            heard[ALICE.name] = await _speak_and_listen(call, ALICE, BOB, folder)
            await both_heard.wait()
        await bob_is_done.wait()
        nursery.cancel_scope.cancel()
    return heard[ALICE.name], heard[BOB.name]


async def _speak_and_listen(call: Call, party: Party, peer: Party, folder: Path) -> Heard:
    path = folder / f"{party.name}.wav"
    rate = call.audio.rate
    async with call.recording(path, channels="split"):
        await call.play(ToneSource(sine(party.tone_hz), rate).read(int(TONE_S * rate)))
        await call.send_dtmf(party.keys)
        keys = await _listen_for_keys(call, len(peer.keys))
        return Heard(keys, path, call.statistics())


async def _listen_for_keys(call: Call, count: int) -> str:
    keys = ""
    with trio.move_on_after(_KEYS_S):
        async for digit in call.digits:
            keys += digit.digit
            if len(keys) == count:
                break
    return keys
