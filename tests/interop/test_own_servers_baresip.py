"""Our proxy and our back-to-back user agent in front of baresip: what it says is heard behind them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from sansio_rtp.audio import WavReader
from sansio_sip.invite import LocallyClosed, RemoteBye, Replaced
from tests.interop.baresip import baresip
from tests.interop.process import HOST, free_ports, until
from tests.interop.tone import assert_tone, write_tone
from trio_runtime import (
    AutoAnswerHandler,
    B2buaConfig,
    Call,
    MediaConfig,
    SessionCoordinator,
    open_b2bua,
    open_client,
    open_proxy,
    open_server,
)

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]

MEDIA = MediaConfig(codecs=("PCMU",))


class Bob(AutoAnswerHandler):
    """Answers, and remembers the calls."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def on_call_established(self, call: Call) -> None:
        self.calls.append(call)


def folders(path: Path, *names: str) -> list[Path]:
    made = [path / name for name in names]
    for folder in made:
        folder.mkdir()
    return made


async def test_baresip_through_the_proxy_both_ways(peer: Peer, tmp_path: Path) -> None:
    """SRV-7, EX-2: its tone reaches us, hold and BYE of both sides go by the proxy; it calls us, too."""
    source = write_tone(tmp_path / "source.wav", 30)
    (folder,) = folders(tmp_path, "baresip")
    bob, port = Bob(), free_ports()
    places: dict[str, str] = {"bob": f"sip:bob@{HOST}:{port}"}
    async with (
        baresip(peer("baresip"), folder, codec="PCMU", source=f"aufile,{source}") as far,
        open_proxy(lambda request: places[request.user], bind_host=HOST, sip_port=0) as proxy,
        open_client(bind_host=HOST, media=MEDIA) as alice,
        open_server(bind_host=HOST, sip_port=port, media=MEDIA, handler=bob),
    ):
        places["far"] = far.uri
        ((host, at),) = proxy.bound_addresses
        with trio.fail_after(20):
            async with alice.make_call(f"sip:far@{host}:{at}") as call:
                await call.answered()
                async with call.recording(tmp_path / "ours.wav", channels="received"):
                    await trio.sleep(1.5)
                await call.hold()
                await call.resume()
                await far.command("hold")
                await until(lambda: call.remote_hold, timeout=5, what=lambda: f"not held: {far.log}")
                await far.command("hangup")
                assert isinstance(await call.ended(), RemoteBye)
            await far.command("dial", f"sip:bob@{host}:{at}")
            await until(lambda: bool(bob.calls), timeout=5, what=lambda: f"bob was not called: {far.log}")
            await trio.sleep(0.2)
            bob.calls[0].hang_up()
            assert isinstance(await bob.calls[0].ended(), LocallyClosed)
            await far.wait_for("CALL_CLOSED")
        assert proxy.statistics().proxy.requests >= 6
    assert_tone(WavReader((tmp_path / "ours.wav").read_bytes()).read_all()[:, 0], at_least_s=1.0)


async def test_audio_of_baresip_through_the_b2bua(peer: Peer, tmp_path: Path) -> None:
    """SRV-8, EX-2: relayed packet by packet; its hold reaches us, and ours reaches it; it hangs up."""
    source = write_tone(tmp_path / "source.wav", 30)
    (folder,) = folders(tmp_path, "baresip")
    async with (
        baresip(peer("baresip"), folder, codec="PCMU", source=f"aufile,{source}") as far,
        open_b2bua(lambda _: far.uri, bind_host=HOST, sip_port=0, media=MEDIA) as server,
        open_client("sip:alice@example.com", bind_host=HOST, media=MEDIA) as alice,
    ):
        ((host, port),) = server.bound_addresses
        with trio.fail_after(20):
            async with alice.make_call(f"sip:far@{host}:{port}") as call:
                await call.answered()
                async with call.recording(tmp_path / "ours.wav", channels="received"):
                    await trio.sleep(1.5)
                await far.command("hold")
                await until(lambda: call.remote_hold, timeout=5, what=lambda: f"not held: {far.log}")
                await far.command("resume")
                await until(lambda: not call.remote_hold, timeout=5, what=lambda: f"still held: {far.log}")
                await far.command("hangup")
                assert isinstance(await call.ended(), RemoteBye)
    assert_tone(WavReader((tmp_path / "ours.wav").read_bytes()).read_all()[:, 0], at_least_s=1.0)


async def test_audio_of_baresip_past_the_b2bua(peer: Peer, tmp_path: Path) -> None:
    """SRV-8, EX-2: descriptions pass: its tone comes from it itself; hold of each side reaches the other."""
    source = write_tone(tmp_path / "source.wav", 30)
    (folder,) = folders(tmp_path, "baresip")
    passing = B2buaConfig(media="pass", transfers="pass")
    async with (
        baresip(peer("baresip"), folder, codec="PCMU", source=f"aufile,{source}") as far,
        open_b2bua(lambda _: far.uri, policy=passing, bind_host=HOST, sip_port=0) as server,
        open_client("sip:alice@example.com", bind_host=HOST, media=MEDIA) as alice,
    ):
        ((host, port),) = server.bound_addresses
        with trio.fail_after(20):
            async with alice.make_call(f"sip:far@{host}:{port}") as call:
                await call.answered()
                async with call.recording(tmp_path / "ours.wav", channels="received"):
                    await trio.sleep(1.5)
                await call.hold()
                await call.resume()
                await far.command("hold")
                await until(lambda: call.remote_hold, timeout=5, what=lambda: f"not held: {far.log}")
                await far.command("resume")
                await until(lambda: not call.remote_hold, timeout=5, what=lambda: f"still held: {far.log}")
                rtp = server.phone.statistics().rtp
                assert rtp is not None
                assert (rtp.packets_received, rtp.packets_sent) == (0, 0)
                await far.command("hangup")
                assert isinstance(await call.ended(), RemoteBye)
    assert_tone(WavReader((tmp_path / "ours.wav").read_bytes()).read_all()[:, 0], at_least_s=1.0)


async def test_attended_transfer_of_baresip_through_the_b2bua(peer: Peer, tmp_path: Path) -> None:
    """SRV-8, SES-14, EX-2: alice connects a baresip with carol; she is out, carol hears its tone."""
    source = write_tone(tmp_path / "source.wav", 30)
    (folder,) = folders(tmp_path, "baresip")
    carol, port = Bob(), free_ports()
    places: dict[str, str] = {"carol": f"sip:carol@{HOST}:{port}"}
    async with (
        baresip(peer("baresip"), folder, codec="PCMU", source=f"aufile,{source}") as far,
        open_server(bind_host=HOST, sip_port=port, media=MEDIA, handler=carol),
        open_b2bua(lambda call: places[call.called_user], bind_host=HOST, sip_port=0, media=MEDIA) as server,
        open_client("sip:alice@example.com", bind_host=HOST, media=MEDIA) as alice,
    ):
        places["far"] = far.uri
        await _transfer(alice, server.bound_addresses[0])
        with trio.fail_after(10):
            (there,) = carol.calls
            async with there.recording(tmp_path / "carol.wav", channels="received"):
                await trio.sleep(1.5)
            await far.command("hangup")
            assert isinstance(await there.ended(), RemoteBye)
    assert_tone(WavReader((tmp_path / "carol.wav").read_bytes()).read_all()[:, 0], at_least_s=1.0)


async def _transfer(alice: SessionCoordinator, server: tuple[str, int]) -> None:
    """Call two by a server, and connect them with each other."""
    host, port = server
    with trio.fail_after(15):
        first = alice.start_call(f"sip:far@{host}:{port}")
        await first.answered()
        await first.hold()
        second = alice.start_call(f"sip:carol@{host}:{port}")
        await second.answered()
        await first.transfer(second)
        assert isinstance(await second.ended(), Replaced | RemoteBye)
