"""Messages from SIPp to us and from us to SIPp."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from tests.interop.process import HOST
from tests.interop.sipp import sipp
from trio_runtime import RequestsConfig, open_client
from trio_runtime.events.types import MessageReceived

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]


async def test_message_of_sipp_is_an_event_and_a_picture_gets_415(peer: Peer, tmp_path: Path) -> None:
    """CLI-4, SIPP-1: both answers are what the scenario waits for."""
    taken = RequestsConfig(content_types=("text/plain",))
    async with open_client("sip:alice@127.0.0.1", bind_host=HOST, requests=taken) as phone:
        events = phone.subscribe(lambda event: isinstance(event, MessageReceived))
        (host, port), *_ = phone.bound_addresses
        async with sipp(
            peer("sipp"), tmp_path, "message_sender.xml", "-m", "3", target=f"{host}:{port}"
        ) as one:
            result = await one.finished(20)
        result.assert_perfect(3)
        for _ in range(3):
            event = events.receive_nowait()
            assert isinstance(event, MessageReceived)
            assert event.text == "Watson, come here."
        with pytest.raises(trio.WouldBlock):
            events.receive_nowait()


async def test_sipp_takes_our_messages(peer: Peer, tmp_path: Path) -> None:
    """CLI-4, SIPP-1: the text as we wrote it."""
    async with sipp(peer("sipp"), tmp_path, "message_taker.xml", "-m", "2", trace=True) as taker:
        async with open_client("sip:alice@127.0.0.1", bind_host=HOST) as phone:
            with trio.fail_after(10):
                for text in ("hello", "and good bye"):
                    response = await phone.send_message(taker.uri, text)
                    assert response.status_code == 200
        result = await taker.finished(20)
    result.assert_perfect(2)
    assert [message.rpartition("\n\n")[2].strip() for message in result.received] == ["hello", "and good bye"]
