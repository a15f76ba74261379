"""rtpengine in user space as a server under load, driven by its own protocol (bencode over UDP)."""

from __future__ import annotations

import base64
import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..processes import free_port, pin
from ..rtp_traffic import MASTER_KEY, SUITE, Leg
from .started import Started

__all__ = ["Rtpengine"]

_MOST = 2_000
_PATIENCE_S = 15.0
_NAMES = {0: "PCMU", 8: "PCMA"}
_KEY = base64.b64encode(MASTER_KEY).decode()


class Rtpengine:
    """Calls of two legs, each of them a stream; by the mode the second has the other codec, or no keys."""

    name = "rtpengine"
    modes = dict.fromkeys(("relay", "transcode", "srtp"), _MOST)

    def missing(self) -> str | None:
        return None if shutil.which("rtpengine") else "not installed (Debian: rtpengine-daemon)"

    def legs(self, mode: str, streams: int) -> list[Leg]:
        a, b = Leg(secured=mode == "srtp"), Leg(8 if mode == "transcode" else 0)
        return [a, b] * (streams // 2)

    @contextmanager
    def run(self, mode: str, streams: int, peer_port: int) -> Iterator[Started]:
        """Run the daemon and set up half as many calls as there are streams."""
        control = free_port()
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen(
                [
                    *("rtpengine", "--config-file=none", "--table=-1", "--interface=127.0.0.1"),
                    *(f"--listen-ng=127.0.0.1:{control}", f"--pidfile={folder}/pid", "--foreground"),
                    *("--log-stderr", "--log-level=3", "--port-min=30000", "--port-max=49999"),
                    *("--num-threads=2", "--delete-delay=0"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                pin(process.pid, last=False)
                with contextlib.closing(_Control(control)) as ng:
                    ng.wait_until_it_answers(process)
                    calls = (_set_up(ng, number, mode, peer_port) for number in range(streams // 2))
                    yield Started(process.pid, [port for call in calls for port in call])
            finally:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


class _Control:
    """A client of the control protocol."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", port))
        self._cookie = 0

    def command(self, name: str, timeout: float = 3.0, **parameters: Any) -> dict[str, Any]:
        """Give a command and return its result."""
        self._cookie += 1
        mark = b"%d " % self._cookie
        items = {key.replace("_", "-"): value for key, value in parameters.items()}
        self._socket.settimeout(timeout)
        self._socket.send(mark + bencode({"command": name, **items}))
        while not (answer := self._socket.recv(65_535)).startswith(mark):
            continue
        result: dict[str, Any] = bdecode(answer[len(mark) :])
        if result["result"] not in ("ok", "pong"):
            raise RuntimeError(f"rtpengine refused {name}: {result}")
        return result

    def wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        """Ping it until it is there."""
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end and process.poll() is None:
            try:
                self.command("ping", 0.2)
            except TimeoutError:
                continue
            except ConnectionRefusedError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("rtpengine does not answer")

    def close(self) -> None:
        """Release the port."""
        self._socket.close()


def _set_up(ng: _Control, number: int, mode: str, peer_port: int) -> tuple[int, int]:
    """Make one call and return where its legs A and B are received."""
    common: dict[str, Any] = {
        "call_id": f"call {number}",
        "from_tag": "a",
        "ICE": "remove",
        "replace": ["origin"],
    }
    offer: dict[str, Any] = {"sdp": _description(peer_port, 0, secured=mode == "srtp")}
    payload_type = 0
    if mode == "transcode":
        payload_type = 8
        offer["codec"] = {"transcode": ["PCMA"], "mask": ["PCMU"]}
    there = ng.command("offer", **common, **offer, transport_protocol="RTP/AVP")
    answer = _description(peer_port, payload_type)
    back = ng.command("answer", **common, to_tag="b", sdp=answer)
    return _port(back["sdp"]), _port(there["sdp"])


def _description(port: int, payload_type: int, *, secured: bool = False) -> str:
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
    lines += [f"m=audio {port} RTP/{'SAVP' if secured else 'AVP'} {payload_type}"]
    lines += [f"a=rtpmap:{payload_type} {_NAMES[payload_type]}/8000", "a=ptime:20", "a=sendrecv"]
    if secured:
        lines += [f"a=crypto:1 {SUITE} inline:{_KEY}"]
    return "\r\n".join([*lines, ""])


def _port(sdp: str) -> int:
    return int(sdp.partition("m=audio ")[2].split()[0])


def bencode(value: Any) -> bytes:
    """Write a value in bencode."""
    match value:
        case int():
            return b"i%de" % value
        case list():
            return b"l%be" % b"".join(map(bencode, value))
        case dict():
            return b"d%be" % b"".join(bencode(key) + bencode(value[key]) for key in sorted(value))
        case _:
            text = str(value).encode()
            return b"%d:%b" % (len(text), text)


def bdecode(data: bytes) -> Any:
    """Read a value in bencode; strings become text."""
    return _read(data, 0)[0]


def _read(data: bytes, at: int) -> tuple[Any, int]:
    kind = data[at : at + 1]
    if kind == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1 : end]), end + 1
    if kind in (b"l", b"d"):
        values: list[Any] = []
        at += 1
        while data[at : at + 1] != b"e":
            value, at = _read(data, at)
            values.append(value)
        return (dict(zip(values[::2], values[1::2], strict=True)) if kind == b"d" else values), at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1 : end].decode("latin-1"), end
