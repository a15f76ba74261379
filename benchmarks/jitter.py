"""The jitter buffer on seeded networks, against the best fixed delay and one who knows the next 2 s."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.jitter_score import Run, Score, best_fixed, oracle, play
from benchmarks.jitter_traces import TRACES, Packet, make_trace

_PICTURE = Path(__file__).parents[1] / "docs" / "jitter.png"


def main() -> None:
    """Print the table, and draw it when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="length of each call")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", action="store_true", help="draw docs/jitter.png (needs matplotlib)")
    options = parser.parse_args()
    runs: dict[str, tuple[list[Packet], Run]] = {}
    print("| network | ours | best fixed | 2 s oracle | behind |\n|---|---|---|---|---|")
    for name in TRACES:
        packets = make_trace(name, options.seconds, options.seed)
        run, fixed, ideal = play(packets), best_fixed(packets), oracle(packets)
        runs[name] = packets, run
        behind = max(fixed.mos, ideal.mos) - run.score.mos
        print(f"| {name} | {_shown(run.score)} | {_shown(fixed)} | {_shown(ideal)} | {behind:.3f} |")
    if options.plot:
        _draw(runs)


def _shown(score: Score) -> str:
    return f"{score.mos:.3f} ({score.delay_ms:.0f} ms, {score.unheard:.2%})"


def _draw(runs: dict[str, tuple[list[Packet], Run]]) -> None:
    import matplotlib  # the table needs none of it

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(3, 3, figsize=(15, 10), sharex=True)
    for panel, (name, (packets, run)) in zip(panels.flat, runs.items(), strict=True):
        arrived = [(p.sent, (p.arrival - p.sent) * 1000) for p in packets if p.arrival is not None]
        panel.plot(*zip(*arrived, strict=True), ".", markersize=1, color="tab:gray", label="network")
        played = [(sent, delay * 1000) for sent, delay in run.delays]
        panel.plot(*zip(*played, strict=True), linewidth=1, color="tab:blue", label="played")
        behind = max(best_fixed(packets).mos, oracle(packets).mos) - run.score.mos
        panel.set_title(f"{name}: MOS {run.score.mos:.2f}, {behind:.3f} behind the best", fontsize=10)
        panel.set_ylim(0, 260)
    for panel in panels[-1]:
        panel.set_xlabel("sent, s")
    for row in panels:
        row[0].set_ylabel("delay after sending, ms")
    panels[0][0].legend(loc="upper left", markerscale=8)
    figure.tight_layout()
    figure.savefig(_PICTURE, dpi=80)


if __name__ == "__main__":
    main()
