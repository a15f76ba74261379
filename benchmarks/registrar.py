"""What a REGISTER costs a registrar, with each of its stores, and how many a second it takes.

Run ``python -m benchmarks.registrar``. Each phone registers once, then refreshes; some are under way at once.
The load takes the other CPU, and what it costs is not counted.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import cpu_us, reference_loop
from benchmarks.processes import cpu_seconds, free_port, pin, running

_REGISTER = (
    "REGISTER sip:pbx.test SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK{number}.{cseq};rport\r\n"
    "From: <sip:u{number}@pbx.test>;tag=f{number}\r\nTo: <sip:u{number}@pbx.test>\r\n"
    "Call-ID: {number}\r\nCSeq: {cseq} REGISTER\r\nMax-Forwards: 70\r\n"
    "Contact: <sip:u{number}@127.0.0.1:{own}>;expires=3600\r\nContent-Length: 0\r\n\r\n"
)


def register(sock: socket.socket, phones: int, cseq: int, window: int) -> int:
    """Register all phones, so many at once, and return how many got their 200."""
    own, sent, good, waiting = sock.getsockname()[1], 0, 0, 0
    while good < phones:
        while sent < phones and waiting < window:
            sock.send(_REGISTER.format(own=own, number=sent, cseq=cseq).encode())
            sent, waiting = sent + 1, waiting + 1
        try:
            answer = sock.recv(65_535)
        except TimeoutError:
            break
        if answer.startswith(b"SIP/2.0 200"):
            good, waiting = good + 1, waiting - 1
    return good


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run Redis while the block lasts, which writes each transaction to the disk."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--dir", str(folder), "--save", "", "--appendonly", "yes"]
    process = subprocess.Popen([*command, "--appendfsync", "always"], stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def measure(store: str, phones: int, window: int) -> None:
    """Print a line for one store."""
    port = free_port()
    command = [sys.executable, "-m", "trio_runtime", "registrar", "pbx.test", "--anonymous", "--quiet"]
    command += ["--bind", f"127.0.0.1:{port}", "--store", store]
    with tempfile.TemporaryDirectory() as folder, running(command, port, Path(folder, "log")) as pid:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            sock.connect(("127.0.0.1", port))
            sock.settimeout(5)
            register(sock, phones, 1, window)
            before, begun = cpu_seconds(pid), time.perf_counter()
            good = register(sock, phones, 2, window)
            took, cpu = time.perf_counter() - begun, cpu_seconds(pid) - before
    loop = cpu_us(reference_loop)
    kind, cost = store.partition(":")[0], cpu / max(1, good) * 1e6
    print(
        f"{kind:8} {good:6} of {phones}  {good / took:7.0f}/s  {cost:6.0f} us CPU, {cost / loop:5.2f} loops"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phones", type=int, default=5_000)
    parser.add_argument("--window", type=int, default=200, help="REGISTERs that are under way at once")
    options = parser.parse_args()
    pin(0, last=True)
    with tempfile.TemporaryDirectory() as folder:
        stores = ["memory", f"sqlite:{folder}/bindings.db"]
        for store in stores:
            measure(store, options.phones, options.window)
        if shutil.which("redis-server") is None:
            print("redis    is not installed")
            return
        with redis(Path(folder)) as url:
            measure(url, options.phones, options.window)


if __name__ == "__main__":
    main()
