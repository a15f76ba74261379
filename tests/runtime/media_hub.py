"""One media manager with many sessions, each with a phone of its own on a simulated network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import trio

from sansio_sip.sdp import NegotiatedMedia, SrtpPolicy, apply_answer, make_answer, make_offer
from tests.runtime.media_pair import Listener
from trio_runtime.base import MediaConfig
from trio_runtime.media import AudioFrame, MediaEvent, MediaManager, MediaStream
from trio_runtime.testing.wire import Wire

RATE = 8_000


class Tone:
    """A source that sounds for ever."""

    live = False

    def __init__(self, hertz: float, *, amplitude: float = 2_000, rate: int = RATE) -> None:
        self._step, self._amplitude, self._at = 2 * np.pi * hertz / rate, amplitude, 0

    def read(self, n_samples: int) -> AudioFrame:
        phase = self._step * np.arange(self._at, self._at + n_samples)
        self._at += n_samples
        return np.asarray(np.rint(self._amplitude * np.sin(phase)), np.int16)

    def close(self) -> None:
        return


class Hub:
    """The manager under test, and the phones around it; session `n` and its phone have the name `str(n)`."""

    def __init__(self, wire: Wire, config: MediaConfig) -> None:
        self.wire = wire
        self.events: list[tuple[str, MediaEvent]] = []
        self.agreed: dict[str, NegotiatedMedia] = {}
        self.agreed_by_phone: dict[str, NegotiatedMedia] = {}
        self.manager = MediaManager(
            wire.environment("10.0.0.1"),
            config,
            advertised_host="10.0.0.1",
            on_event=lambda session, event: self.events.append((session, event)),
        )
        self.phones = MediaManager(
            wire.environment("10.0.0.2"), config, advertised_host="10.0.0.2", on_event=lambda *_: None
        )

    def call(
        self,
        name: str,
        hertz: float | None = None,
        *,
        ptime: int = 20,
        codecs: tuple[str, ...] | None = None,
        secured: bool = True,
    ) -> Listener:
        """Connect a phone that says a tone, and return its ear; it has some `codecs` only, or no SRTP."""
        offered, answering = self.manager.open(name), self.phones.open(name)
        names = None if codecs is None else (*codecs, "telephone-event")
        formats = [item for item in answering.formats if names is None or item.name in names]
        changes: dict[str, Any] = {} if secured else {"srtp": SrtpPolicy.OFF, "crypto": ()}
        answering = attrs.evolve(answering, formats=tuple(formats), ptime=ptime, **changes)
        offer = make_offer(offered, session_id=1, version=1)
        answer, for_phone = make_answer(offer, answering, session_id=2, version=1)
        self.agreed[name], self.agreed_by_phone[name] = apply_answer(offer, answer, offered), for_phone
        self.manager.apply(name, self.agreed[name])
        self.phones.apply(name, for_phone)
        ear, phone = Listener(), self.phone(name)
        phone.add_sink(ear)
        if hertz is not None:
            phone.add_source(Tone(hertz, rate=phone.rate))
        return ear

    def stream(self, name: str) -> MediaStream:
        stream = self.manager.stream(name)
        assert stream is not None
        return stream

    def phone(self, name: str) -> MediaStream:
        stream = self.phones.stream(name)
        assert stream is not None
        return stream


@asynccontextmanager
async def media_hub(config: MediaConfig | None = None) -> AsyncIterator[Hub]:
    """Run a hub on a wire without loss; at the end everything is closed and the wire must be quiet."""
    # No multiple of the 5 ms in which the sockets are read: else it is chance which of the two comes first.
    wire = Wire(1, latency=0.012)
    # A delay that stays: else a buffer that finds a better one shifts all tones while they are measured.
    config = attrs.evolve(config or MediaConfig(codecs=("PCMU",)), jitter_min_ms=40, jitter_max_ms=40)
    hub = Hub(wire, config)
    async with wire, trio.open_nursery() as nursery:
        nursery.start_soon(hub.manager.run)
        nursery.start_soon(hub.phones.run)
        yield hub
        hub.manager.close_all()
        hub.phones.close_all()
        assert wire.open_sockets == []
        nursery.cancel_scope.cancel()


def levels(
    ear: Listener, tones: list[float], *, rate: int = RATE, frames: int = 25
) -> npt.NDArray[np.float64]:
    """The amplitude of each tone in the latest frames that an ear heard: float, shape (n_tones,).

    The tones are multiples of 2 Hz for 25 frames, half a second, so that none leaks into another.
    """
    heard = np.concatenate(ear.received[-frames:]).astype(float)
    time = np.arange(heard.size) / rate
    return np.array([2 * abs(np.mean(heard * np.exp(-2j * np.pi * hertz * time))) for hertz in tones])
