"""Many calls on a bad network: nothing stuck, nothing left, and the same bytes again."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import attrs
import pytest

from trio_runtime.base import ConfigurationError
from trio_runtime.cli import main
from trio_runtime.testing import LogNormalLatency, NatKind, bursts_of
from trio_runtime.testing.swarm import SwarmConfig, SwarmResult, simulate_swarm
from trio_runtime.testing.swarm.plan import Behaviour, FaultKind, plan_calls, plan_faults

BAD = SwarmConfig(
    calls=200,
    hosts=20,
    seed=7,
    latency=LogNormalLatency(0.03, 0.6),
    loss=0.03,
    bursts=bursts_of(0.02, 4),
    duplicate=0.02,
    reorder=0.03,
    nat=NatKind.SYMMETRIC,
    deaths=4,
    partitions=1,
    changes=0.3,
)
LONG = attrs.evolve(BAD, calls=10_000, hosts=100, rate=50.0, deaths=100, partitions=5)


def problems(result: SwarmResult) -> str:
    return "\n".join([*result.stuck, *result.leaks, result.ladder])


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(BAD, id="200"),
        pytest.param(LONG, id="10000", marks=(pytest.mark.long, pytest.mark.timeout(7_200))),
    ],
)
def test_calls_under_loss_nat_and_deaths_all_end_leave_nothing_and_replay_byte_for_byte(
    config: SwarmConfig,
) -> None:
    """SIM-1, SIM-2: every call ends on both sides, and the digest of all datagrams is the same again."""
    first, again = simulate_swarm(config), simulate_swarm(config)
    assert first.ok, problems(first)
    assert sum(first.outcomes.values()) == config.calls
    assert first == again
    assert first.answered > config.calls / 2
    assert first.changes > config.calls / 4
    assert first.wire.lost > 0
    assert first.wire.refused > 0
    assert first.wire.dead > 0
    assert first.wire.cut > 0
    assert {"LocallyClosed", "RemoteBye", "Cancelled", "Rejected 486"} <= first.outcomes.keys()


def test_another_seed_is_another_run() -> None:
    """SIM-1."""
    small = SwarmConfig(calls=10, hosts=4)
    digests = {simulate_swarm(attrs.evolve(small, seed=seed)).digest for seed in (1, 2)}
    assert len(digests) == 2


@pytest.mark.parametrize(
    "config",
    [
        SwarmConfig(calls=40, hosts=8, seed=3, loss=0.05, deaths=3, transport="tcp", changes=0.5),
        SwarmConfig(calls=4, hosts=4, seed=3, loss=0.02, media=True, hold=3, bandwidth=200_000),
    ],
    ids=["tcp", "media"],
)
def test_other_swarms_leave_nothing_either(config: SwarmConfig) -> None:
    """SIM-1, SIM-2: over connections, and with audio on narrow lines."""
    result = simulate_swarm(config)
    assert result.ok, problems(result)
    assert sum(result.outcomes.values()) == config.calls
    assert result.answered > config.calls / 3
    assert (result.wire.sent > 1_000) is config.media


def test_what_is_stuck_is_told_with_its_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIM-2: phones that ring for ever, and callers that die meanwhile."""
    monkeypatch.setattr("trio_runtime.testing.swarm.host._MAX_RINGING_S", 1e6)
    result = simulate_swarm(attrs.evolve(BAD, calls=100, deaths=20, nat=None))
    assert not result.ok
    assert any("IncomingCall" in line and "ringing" in line for line in result.stuck)
    assert any("signalled calls" in line for line in result.leaks)
    assert "180 Ringing" in result.ladder


def test_the_plan_has_every_behaviour_and_a_host_dies_only_while_it_lives() -> None:
    """SIM-1."""
    plan = plan_calls(LONG)
    assert {planned.behaviour for planned in plan} == set(Behaviour)
    assert all(planned.caller != planned.callee for planned in plan)
    assert all(planned.callee % 2 == 0 for planned in plan), "who is behind a NAT is not called"
    assert plan[-1].at == pytest.approx(200, rel=0.1)
    faults = plan_faults(LONG, plan[-1].at)
    assert {fault.kind for fault in faults} == set(FaultKind)
    dead_until: dict[int, float] = {}
    for fault in faults:
        if fault.kind is not FaultKind.PARTITION:
            (host,) = fault.hosts
            assert fault.at > dead_until.get(host, -1)
            dead_until[host] = fault.at + fault.duration


def test_swarms_that_cannot_be_are_refused() -> None:
    """SIM-1, ERR-1."""
    for wrong, field in (
        ({"calls": 0}, "calls"),
        ({"hosts": 1}, "hosts"),
        ({"rate": 0}, "rate"),
        ({"nat": "cone"}, "kind"),
        ({"latency": (2, 1)}, "latency"),
        ({"changes": 2}, "changes"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            SwarmConfig(**wrong)
        assert caught.value.field == field


# The command line

ARGUMENTS = (
    "--calls",
    "20",
    "--hosts",
    "4",
    "--seed",
    "7",
    "--loss",
    "0.05",
    "--latency",
    "normal:0.05,0.01",
)


def run(*arguments: str) -> str:
    """Standard output of another process, whose sets and dicts have another order."""
    environment = {**os.environ, "PYTHONHASHSEED": str(len(arguments))}
    command = [sys.executable, "-m", "trio_runtime", "simulate", *ARGUMENTS, *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def test_the_command_runs_a_swarm_and_prints_what_came_out(capsys: pytest.CaptureFixture[str]) -> None:
    """SIM-1, COO-6: the same in two processes, as text and as JSON."""
    assert main(["simulate", *ARGUMENTS]) == 0
    text = capsys.readouterr()
    assert text.err == ""
    assert "calls      20, " in text.out
    assert "stuck      0\nleft       0\n" in text.out
    assert "median" in text.out
    record = json.loads(run("--json", "--bursts", "0:1"))
    assert (record["event"], record["ok"], record["stuck"], record["left"]) == ("simulation", True, [], [])
    assert sum(record["outcomes"].values()) == 20
    assert record["virtual_s"] > 290
    assert f"digest     {record['digest']}\n" in text.out


def test_the_command_fails_when_something_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIM-2, COO-6: exit status 1, and the ladder."""
    monkeypatch.setattr("trio_runtime.testing.swarm.host._MAX_RINGING_S", 1e6)
    assert main(["simulate", "--calls", "100", "--hosts", "20", "--deaths", "20", "--loss", "0.05"]) == 1
    out = capsys.readouterr().out
    assert "180 Ringing" in out
    assert "stuck      0" not in out
