"""A whole phone under asyncio: the same pure packages, and nothing of `trio_runtime`.

    python examples/asyncio_phone.py sip:echo@127.0.0.1:5060 [HEARD.wav [SECONDS]]

It calls, says a tone of 440 Hz, writes down what it hears, presses 1, and hangs up. `sansio_sip.agent.Agent`
holds the signalling and `sansio_rtp.session.RtpSession` the audio; asyncio brings what they do not have:
sockets, time and chance.
"""

import asyncio
import os
import sys
import time

import numpy as np

from sansio_rtp.audio import ToneSource, WavWriter, sine
from sansio_rtp.ids import RtpIds
from sansio_rtp.session import RtpSession, RtpSessionConfig
from sansio_sip.agent import Agent, AgentConfig
from sansio_sip.ids import Ids
from sansio_sip.invite import CallAnswered, CallEnded, MediaNegotiated
from sansio_sip.machine import Endpoint
from sansio_sip.sdp import LocalMedia, MediaFormat, NegotiatedMedia

FORMATS = (MediaFormat("PCMU", 8_000, 0), MediaFormat("telephone-event", 8_000, 101, fmtp="0-15"))


class Port(asyncio.DatagramProtocol):
    """A UDP socket that hands on what comes in."""

    def __init__(self, take) -> None:
        self._take = take

    def datagram_received(self, data: bytes, address) -> None:
        self._take(data, (address[0], address[1]))


async def open_port(take, host: str):
    """Return the transport and the port number of a new socket."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Port(take), local_addr=(host, 0))
    return transport, transport.get_extra_info("sockname")[1]


class Phone:
    """One call at a time."""

    async def start(self, host: str) -> "Phone":
        self.now = time.monotonic
        self.answered, self.ended = asyncio.Event(), asyncio.Event()
        self.end = self.rtp = self._timer = None
        self.sip, port = await open_port(self._sip_received, host)
        self.audio, self.audio_port = await open_port(self._rtp_received, host)
        self.host = host
        self.agent = Agent(
            AgentConfig(
                address=f"<sip:asyncio@{host}>",
                contact=f"<sip:asyncio@{host}:{port}>",
                sent_by={"UDP": (host, port)},
            ),
            now=self.now(),
            ids=Ids(os.urandom),
        )
        return self

    def call(self, uri: str) -> None:
        media = LocalMedia(self.host, self.audio_port, FORMATS)
        self.session = self.agent.invite(uri, media, self.now())
        self.pump()

    def hang_up(self) -> None:
        self.agent.hang_up(self.session, self.now())
        self.pump()

    def close(self) -> None:
        self._timer.cancel()
        self.sip.close()
        self.audio.close()

    def pump(self) -> None:
        """After each input: send what is to be sent, hear what happened, and set the timer."""
        while (packet := self.agent.next_transmit()) is not None:
            self.sip.sendto(packet.data, (packet.destination.host, packet.destination.port))
        while (event := self.agent.next_event()) is not None:
            match event:
                case MediaNegotiated(_, NegotiatedMedia() as media):
                    self._agreed(media)
                case CallAnswered():
                    self.answered.set()
                case CallEnded(_, end):
                    self.end = end
                    self.answered.set()
                    self.ended.set()
        if self._timer is not None:
            self._timer.cancel()
        if (deadline := self.agent.deadline) is not None:
            delay = max(deadline - self.now(), 0)
            self._timer = asyncio.get_running_loop().call_later(delay, self._timeout)

    def _timeout(self) -> None:
        self.agent.handle_timeout(self.now())
        self.pump()

    def _sip_received(self, data: bytes, source) -> None:
        self.agent.receive_datagram(data, Endpoint("UDP", *source), self.now())
        self.pump()

    def _rtp_received(self, data: bytes, source) -> None:
        if self.rtp is not None:
            # With rtcp-mux both come to one port; the second octet tells them apart (RFC 5761 §4).
            is_rtcp = 192 <= data[1] <= 223 if len(data) > 1 else False
            (self.rtp.receive_rtcp if is_rtcp else self.rtp.receive_packet)(data, source, self.now())

    def _agreed(self, media: NegotiatedMedia) -> None:
        config = RtpSessionConfig(
            formats={0: "PCMU"},
            send_payload_type=0,
            dtmf_send_payload_type=media.dtmf_payload_type,
            dtmf_receive_payload_type=media.dtmf_receive_payload_type,
            remote=(media.remote_address, media.remote_port),
            remote_rtcp=(media.remote_rtcp_address, media.remote_rtcp_port),
            rtcp_mux=media.rtcp_mux,
            send=media.direction.can_send,
            receive=media.direction.can_receive,
        )
        if self.rtp is None:
            self.remote = config.remote
            self.rtp = RtpSession(config, now=self.now(), ids=RtpIds(os.urandom))
        else:
            self.rtp.update(config, self.now())

    async def talk(self, source: ToneSource, seconds: float, press: str = "") -> np.ndarray:
        """Say what the source has, and return what was heard: int16, shape (n_samples,)."""
        heard, begun = [], self.now()
        frames = int(seconds * 50)
        for number in range(frames):
            await asyncio.sleep(begun + number / 50 - self.now())  # absolute: an error does not add up
            now = self.now()
            self.rtp.send_frame(source.read(160), now)
            if press and number == frames - 25:
                self.rtp.send_digit(press, now)
            if (deadline := self.rtp.deadline) is not None and deadline <= now:
                self.rtp.handle_timeout(now)
            while (packet := self.rtp.next_transmit()) is not None:
                self.audio.sendto(packet.data, packet.destination or self.remote)
            heard.append(self.rtp.playout(now))
            if self.ended.is_set():
                break
        return np.concatenate(heard)


def save(path: str, samples: np.ndarray) -> None:
    with open(path, "wb") as file:
        WavWriter(file).write(samples)


async def main(uri: str, path: str = "heard.wav", seconds: str = "3") -> None:
    phone = await Phone().start("127.0.0.1")
    phone.call(uri)
    await phone.answered.wait()
    if phone.end is not None:
        phone.close()
        sys.exit(f"no call: {phone.end}")
    heard = await phone.talk(ToneSource(sine(440.0)), float(seconds), press="1")
    phone.hang_up()
    await phone.ended.wait()
    await asyncio.sleep(0.5)  # for the answer to our BYE; the agent would repeat it
    phone.close()
    await asyncio.to_thread(save, path, heard)
    print(f"{phone.end}; heard {heard.size / 8_000:.1f} s; {phone.rtp.statistics().packets_received} packets")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
