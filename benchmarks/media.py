"""CPU of the media engine beside that of other servers: `python -m benchmarks.media --peers rtpengine`.

Each server in turn gets the same G.711 streams, 50 packets a second each, out of one process on a core of its
own; what counts is the CPU time of the server for a stream and a second.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
from collections.abc import Iterable
from typing import Any, NamedTuple

from .peers.aiortc_peer import Aiortc
from .peers.baresip import Baresip
from .peers.own import Own
from .peers.pjsua import Pjsua
from .peers.rtpengine import Rtpengine
from .peers.started import Peer
from .processes import cpu_seconds, pin
from .rtp_traffic import Traffic

_WARM_UP_S = 2.0
_BEGIN_PER_S = 200  # streams: calls do not all begin at one moment
_ENOUGH = 100  # streams; with fewer, what the process needs anyway hides what they need
_KEPT_UP = 0.97  # of the packets answered
_MODES = ("relay", "transcode", "terminate", "echo", "conf10", "srtp", "relay-srtp")


class Row(NamedTuple):
    """What one run showed.

    Attributes:
        who: The server.
        mode: What it did.
        streams: With how many streams.
        us: CPU µs of it for a stream and a second.
        answered: Packets that came back, of those that were sent.
        own: Its own figures, if it has any.
    """

    who: str
    mode: str
    streams: int
    us: float
    answered: float
    own: dict[str, Any]

    @property
    def kept_up(self) -> bool:
        """Whether it did the whole work; else its CPU time says nothing."""
        return self.mode == "silent" or self.answered >= _KEPT_UP


class Goal(NamedTuple):
    """Which of our figures is compared with which of another's, and what is asked of the ratio."""

    ours: str
    peer: str
    theirs: str
    target: float | None = None
    moonshot: float | None = None


GOALS = (
    Goal("relay", "rtpengine", "relay", 0.8, 0.5),
    Goal("transcode", "rtpengine", "transcode", 0.5, 0.33),
    Goal("srtp", "rtpengine", "srtp", 1.3, 1.0),
    Goal("relay-srtp", "rtpengine", "srtp"),
    Goal("conf10", "pjsua", "conference", 0.6, 0.4),
    Goal("terminate", "pjsua", "echo", 0.8, 0.6),
    Goal("echo", "baresip", "echo"),
    Goal("echo", "aiortc", "echo"),
)


def measure(peer: Peer, mode: str, streams: int, seconds: float) -> Row:
    """Run one server under load."""
    legs = peer.legs(mode, streams)
    traffic = Traffic(legs)
    try:
        with peer.run(mode, streams, traffic.port) as server:
            ramp_s = streams / _BEGIN_PER_S
            traffic.run(server.ports, ramp_s + _WARM_UP_S, ramp_s=ramp_s)
            before = cpu_seconds(server.pid)
            result = traffic.run(server.ports, seconds)
            spent = cpu_seconds(server.pid) - before
            figures = server.finish()
    finally:
        traffic.close()
    us = spent / seconds / len(legs) * 1e6
    return Row(peer.name, mode, len(legs), us, result.received / max(1, result.sent), figures)


HEAD = (
    f"{'':10} {'mode':15} {'streams':>7} {'us/stream/s':>11} {'streams/core':>12} {'answered':>8} "
    f"{'lost':>6} {'late p50/p99 ms':>16} {'busy max ms':>11} {'kB/stream':>9}"
)


def text_of(row: Row) -> str:
    """Return a row of the table."""
    text = f"{row.who:10} {row.mode:15} {row.streams:7d} {row.us:11.0f} {1e6 / row.us:12.0f} "
    text += f"{row.answered:8.3f} "
    end = "" if row.kept_up else "  OVERLOADED"
    if not row.own:
        return text.rstrip() + end
    late = f"{row.own['late_p50_ms']:.2f} / {row.own['late_p99_ms']:.2f}"
    octets = f"{row.own['octets'] / row.streams / 1e3:.1f}" if row.streams >= _ENOUGH else "-"
    return f"{text}{row.own['lost']:6d} {late:>16} {row.own['busy_max_ms']:11.1f} {octets:>9}{end}"


def _verdict(ratio: float, goal: Goal) -> str:
    if goal.target is None or goal.moonshot is None:
        return ""
    word = "moonshot" if ratio <= goal.moonshot else "met" if ratio <= goal.target else "MISSED"
    return f"target {goal.target}, moonshot {goal.moonshot}: {word}"


def ratios(rows: Iterable[Row]) -> list[str]:
    """Compare, each with the run of the most streams that it kept up with."""
    rows = [row for row in rows if row.kept_up]
    best = {(row.who, row.mode): row for row in sorted(rows, key=lambda row: row.streams)}
    lines = []
    for goal in GOALS:
        ours, theirs = best.get((Own.name, goal.ours)), best.get((goal.peer, goal.theirs))
        if ours is None or theirs is None:
            continue
        ratio = ours.us / theirs.us
        sizes = f"{goal.ours} ({ours.streams}) / {goal.peer} {goal.theirs} ({theirs.streams})"
        lines.append(f"{sizes}: {ratio:.2f}  {_verdict(ratio, goal)}".rstrip())
    return lines


def chosen_peers(names: str, aiortc_python: str) -> list[Peer]:
    """Return the peers of these names that can be run; say of the others why not."""
    known: tuple[Peer, ...] = (Rtpengine(), Baresip(), Aiortc(aiortc_python), Pjsua())
    by_name = {peer.name: peer for peer in known}
    peers = []
    for name in filter(None, names.split(",")):
        if name not in by_name:
            raise SystemExit(f"no peer {name!r}; there are {', '.join(by_name)}")
        if reason := by_name[name].missing():
            print(f"{name}: {reason}")
        else:
            peers.append(by_name[name])
    return peers


def run(
    peers: Iterable[Peer], modes: Iterable[str], counts: list[int], compared: int, seconds: float
) -> None:
    """Print our rows, those of the peers, and the ratios."""
    print(HEAD)
    rows: list[Row] = []
    own = Own()
    for mode in modes:
        for streams in counts:
            row = measure(own, mode, streams, seconds)
            print(text_of(row), flush=True)
            if streams <= compared:
                rows.append(row)
    for peer in peers:
        for mode, most in peer.modes.items():
            row = measure(peer, mode, min(most, compared), seconds)
            print(text_of(row), flush=True)
            rows.append(row)
    print(*ratios(rows), sep="\n")


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "modes", nargs="*", help=f"what ours does, of {', '.join(Own.modes)} (default: all but silent)"
    )
    parser.add_argument("--streams", default="4,50,100,200,500,1000,2000", help="numbers of streams of ours")
    parser.add_argument(
        "--compared", type=int, default=500, help="streams to compare at (default %(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=6.0, help="of each run (default %(default)s)")
    parser.add_argument("--peers", default="", help="rtpengine, baresip, aiortc, pjsua; separated by commas")
    parser.add_argument("--aiortc-python", default=sys.executable, help="a Python that has aiortc")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    peers = chosen_peers(options.peers, options.aiortc_python)
    pin(os.getpid(), last=True)
    counts = [int(count) for count in options.streams.split(",")]
    run(peers, options.modes or _MODES, counts, options.compared, options.seconds)


if __name__ == "__main__":
    main()
