"""All that can be measured of the SIP core without sockets, in one table of ratios and targets.

Run ``python -m benchmarks.core``; with ``--sippy-python`` the rows that compare with sippy appear too.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

import attrs

from benchmarks.growth import measure_growth
from benchmarks.measure import collector, cpu_us, reference_loop
from benchmarks.memory import SESSION_TIMER, call_octets, dialog_octets
from benchmarks.offline import write_script
from benchmarks.offline_call import call_us
from benchmarks.parse import measure_parsing
from benchmarks.traffic import INVITES, Caller
from benchmarks.transactions import KINDS, held_octets, transaction_us

_CALLS = 500  # so short that other programs leave some of the runs alone


@attrs.frozen
class Row:
    """One line of the table.

    Attributes:
        what: What was measured.
        figure: The absolute figure, which belongs to this machine.
        ratio: What is compared with the target, in words.
        value: The same as a number.
        target: What it may be at most; none where there is only something to see.
        moonshot: What would be better still.
    """

    what: str
    figure: str
    ratio: str = ""
    value: float = 0.0
    target: float | None = None
    moonshot: float | None = None

    @property
    def verdict(self) -> str:
        """Whether the target is met."""
        if self.target is None or self.moonshot is None:
            return ""
        if self.value <= self.moonshot:
            return f"moonshot met ({self.moonshot:g})"
        if self.value <= self.target:
            return f"met ({self.target:.4g}; moonshot {self.moonshot:g})"
        return f"missed ({self.target:.4g}) by {self.value / self.target - 1:.0%}"


def _parsing(kind: str, costs: dict[str, float]) -> list[Row]:
    mail, typed = costs["email"], costs["five core headers typed"]

    def beside_mail(name: str, target: float | None = None, moonshot: float | None = None) -> Row:
        ratio = costs[name] / mail
        return Row(
            f"{name}, {kind}", f"{costs[name]:.1f} µs", f"{ratio:.2f} of email", ratio, target, moonshot
        )

    rows = [
        beside_mail("lazy parse", 0.33, 0.2),
        beside_mail("parse and check, as the agent does"),
        beside_mail("five core headers typed"),
    ]
    sippy = costs.get("sippy: five core headers typed")
    if sippy is not None:
        ratio = typed / sippy
        rows.append(Row(f"the same, {kind}", f"{typed:.1f} µs", f"{ratio:.2f} of sippy", ratio, 0.6, 0.4))
    for name in ("session description", "200 built and written", "INVITE built and written"):
        rows.append(beside_mail(name))
    theirs = costs.get("sippy: 200 built and written")
    if theirs is not None:
        own = costs["200 built and written"]
        rows.append(Row(f"200 built and written, {kind}", f"{own:.1f} µs", f"{own / theirs:.2f} of sippy"))
    return rows


def _parse_costs(sippy_python: str) -> dict[str, dict[str, float]]:
    """Measure in the Python that has sippy, so that one process and interpreter gives both sides."""
    if sippy_python == sys.executable:
        return {kind: measure_parsing(kind) for kind in INVITES}
    command = [sippy_python, "-m", "benchmarks.parse", "--json"]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    costs: dict[str, dict[str, float]] = json.loads(found.stdout)
    return costs


def _calls() -> list[Row]:
    rows = []
    for kind in INVITES:
        loop = cpu_us(reference_loop)
        script = write_script(Caller(kind), _CALLS)
        talk, rest = call_us(script, _CALLS, 25)
        ratio = f"{talk / loop:.3f} of the loop"
        rows.append(Row(f"a whole call, {kind}", f"{talk:.0f} + {rest:.0f} µs, {1e6 / talk:.0f}/s", ratio))
    return rows


def _transactions() -> list[Row]:
    loop = cpu_us(reference_loop)
    rows = []
    for kind in KINDS:
        cost = transaction_us(kind)
        rows.append(Row(f"{kind}", f"{cost:.1f} µs, {1e6 / cost:.0f}/s", f"{cost / loop:.3f} of the loop"))
    return rows


def _memory() -> list[Row]:
    rows = [Row(f"idle transaction: {kind}", f"{held_octets(kind):.0f} octets") for kind in KINDS]
    for kind in INVITES:
        rows.append(Row(f"dialog, {kind}", f"{dialog_octets(kind):.0f} octets"))
        for name, extra in (("", b""), (", session timer", SESSION_TIMER)):
            held = call_octets(Caller(kind, extra))
            what = f"held call, {kind}{name}"
            rows.append(Row(what, f"{held:.0f} octets", f"{held / 1_000:.1f} kB", held, 10_000, 5_000))
    return rows


def _growth() -> list[Row]:
    few, many = measure_growth([100, 10_000]).values()
    rows = []
    for name in ("call", "options", "reinvite", "dialog"):
        cost, base = getattr(many, name), getattr(few, name)
        unit = "octets" if name == "dialog" else "µs"
        what = f"{name} beside 10,000 open calls"
        ratio = cost / base
        rows.append(
            Row(what, f"{cost:.1f} {unit}", f"{ratio:.2f} of beside 100", round(ratio, 2), 1.15, 1.05)
        )
    return rows


def main() -> None:
    """Measure everything, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sippy-python", default=sys.executable, help="a Python that has sippy")
    arguments = parser.parse_args()
    costs = _parse_costs(arguments.sippy_python)
    rows = [row for kind, found in costs.items() for row in _parsing(kind, found)]
    with collector("tuned"):
        rows += [*_calls(), *_transactions(), *_memory(), *_growth()]
    print(f"reference loop {cpu_us(reference_loop):.0f} µs\n")
    for row in rows:
        print(f"{row.what:52} {row.figure:24} {row.ratio:20} {row.verdict}".rstrip())
    if not any(name.startswith("sippy") for found in costs.values() for name in found):
        print("\nsippy: left out, not installed (see --sippy-python)")


if __name__ == "__main__":
    main()
