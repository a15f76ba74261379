"""Bursts of loss as RFC 3611 defines them, and alerts that do not flutter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sansio_rtp.errors import LocalProtocolError
from sansio_rtp.quality import AlertChanged, AlertLevel, BurstMeter, QualityMonitor, QualitySample


def measured(packets: str, gmin: int = 16) -> BurstMeter:
    """Feed a string of packets: `.` came, `x` was lost, `d` was discarded."""
    meter = BurstMeter(gmin)
    for packet in packets:
        {".": meter.receive, "x": meter.lose, "d": meter.discard}[packet]()
    return meter


def test_bursts_and_gaps_are_those_of_the_rfc() -> None:
    """MED-20: one burst of 8 packets with 4 missing, and a single loss in a gap."""
    meter = measured("." * 40 + "x.x..dxx" + "." * 30 + "x" + "." * 21)
    metrics = meter.metrics(20.0)
    assert metrics is not None
    assert meter.bursts == 1
    assert metrics.burst_density == pytest.approx(5 / 8)
    assert metrics.gap_density == pytest.approx(1 / 92)
    assert (metrics.burst_ms, metrics.gap_ms) == (160.0, 92 * 20.0)
    assert metrics.loss_rate == pytest.approx(5 / 100)
    assert metrics.discard_rate == pytest.approx(1 / 100)
    assert metrics.burst_ratio == pytest.approx(6 / 4 * 0.94)


def test_nothing_is_known_before_the_first_packet() -> None:
    """MED-20."""
    assert BurstMeter().metrics(20.0) is None
    clean = measured("." * 10).metrics(20.0)
    assert clean is not None
    assert (clean.burst_density, clean.gap_density, clean.burst_ratio) == (0, 0, 1)
    dead = measured("xxxx").metrics(20.0)
    assert dead is not None
    assert (dead.burst_density, dead.gap_density, dead.burst_ms) == (1, 0, 80)


@given(st.text(".....xd", max_size=300), st.integers(1, 20))
def test_counting_as_it_comes_is_counting_afterwards(packets: str, gmin: int) -> None:
    """MED-20: against the definition: losses with `gmin` packets between them are apart."""
    meter = measured(packets, gmin)
    missing = [place for place, packet in enumerate(packets) if packet != "."]
    clusters: list[list[int]] = []
    for place in missing:
        if clusters and place - clusters[-1][-1] <= gmin:
            clusters[-1].append(place)
        else:
            clusters.append([place])
    bursts = [cluster for cluster in clusters if len(cluster) > 1]
    metrics = meter.metrics(10.0)
    assert meter.bursts == len(bursts)
    assert (metrics is None) == (not packets)
    if metrics is not None and bursts:
        lengths = [cluster[-1] - cluster[0] + 1 for cluster in bursts]
        assert metrics.burst_ms == pytest.approx(10 * sum(lengths) / len(bursts))
        assert metrics.burst_density == pytest.approx(sum(map(len, bursts)) / sum(lengths))


def test_levels_fall_at_once_and_rise_with_hysteresis() -> None:
    """MED-20: good from 4, fair from 3, poor from 2."""
    monitor = QualityMonitor()
    seen = [monitor.add(QualitySample(at=float(at), mos=score)) for at, score in enumerate((4.3, 3.99, 4.05))]
    assert seen[:2] == [
        AlertChanged(None, AlertLevel.GOOD, 4.3),
        AlertChanged(AlertLevel.GOOD, AlertLevel.FAIR, 3.99),
    ]
    assert seen[2] is None
    assert monitor.add(QualitySample(at=3.0)) is None
    assert monitor.add(QualitySample(at=4.0, mos=1.2)) == AlertChanged(
        AlertLevel.FAIR, AlertLevel.CRITICAL, 1.2
    )
    assert monitor.add(QualitySample(at=5.0, mos=3.05)) == AlertChanged(
        AlertLevel.CRITICAL, AlertLevel.POOR, 3.05
    )
    assert monitor.add(QualitySample(at=6.0, mos=4.2)) == AlertChanged(AlertLevel.POOR, AlertLevel.GOOD, 4.2)
    assert monitor.level is AlertLevel.GOOD


def test_the_history_has_a_sample_every_five_seconds_and_an_end() -> None:
    """MED-20: a bounded ring; unknown stays None."""
    monitor = QualityMonitor(max_samples=3)
    for second in range(31):
        monitor.add(QualitySample(at=float(second), jitter_ms=1.0))
    assert [sample.at for sample in monitor.history] == [20.0, 25.0, 30.0]
    assert monitor.due == 35.0
    assert (monitor.history[0].mos, monitor.level) == (None, None)


@pytest.mark.parametrize("value", [0, 100_001])
def test_an_impossible_ring_is_named(value: int) -> None:
    """MED-20."""
    with pytest.raises(LocalProtocolError, match="max_samples"):
        QualityMonitor(max_samples=value)
