from __future__ import annotations

from typing import Any

import attrs
import pytest

from trio_runtime.base import (
    VERSION,
    CallState,
    ConfigurationError,
    CoordinatorConfig,
    MediaConfig,
    VoipError,
)


def test_defaults_are_valid_and_name_the_product() -> None:
    """COO-1."""
    config = CoordinatorConfig()
    assert config.user_agent == f"sansio-voip/{VERSION}"
    assert config.receive_buffer == 4 * 1024 * 1024
    assert config.media.ports == (10_000, 20_000)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("uri", "bob"),
        ("uri", "sip:bob\r\nTo: x"),
        ("uri", ""),
        ("display_name", "a\nb"),
        ("bind_host", ""),
        ("sip_port", -1),
        ("sip_port", 65_536),
        ("sip_port", "5060"),
        ("sip_port", True),
        ("outbound_proxy", "http://proxy"),
        ("drain_grace", -0.1),
        ("max_sessions", 0),
        ("user_agent", "x\r\ny"),
        ("t1", 0),
        ("t1", float("nan")),
        ("t2", 0.1),
        ("max_ringing", 0),
        ("session_interval", 89),
        ("session_interval", -1),
        ("session_interval", 1800.5),
        ("session_interval", True),
        ("trace_messages", -1),
        ("receive_buffer", 1),
    ],
)
def test_coordinator_config_refuses_and_names_the_field(field: str, value: Any) -> None:
    """ERR-1."""
    with pytest.raises(ConfigurationError) as caught:
        CoordinatorConfig(**{field: value})
    assert caught.value.field == field
    assert isinstance(caught.value, VoipError)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ports", (20_000, 10_000)),
        ("ports", (80, 90)),
        ("ports", (60_000, 70_000)),
        ("ports", 10_000),
        ("codecs", ()),
        ("codecs", "PCMU"),
        ("codecs", ("PCMU", "PCMU")),
        ("ptime_ms", 15),
        ("ptime_ms", 0),
        ("jitter_max_ms", 30.0),
        ("rtp_timeout", 0),
        ("relatch_after", 0.5),
        ("dscp", 64),
        ("dscp", -1),
    ],
)
def test_media_config_refuses_and_names_the_field(field: str, value: Any) -> None:
    """ERR-1."""
    with pytest.raises(ConfigurationError) as caught:
        MediaConfig(**{"jitter_min_ms": 40.0, field: value})
    assert caught.value.field == field


def test_password_is_not_shown() -> None:
    """ERR-1."""
    assert "swordfish" not in repr(CoordinatorConfig(username="a", password="swordfish"))


def test_config_is_frozen_and_can_be_evolved() -> None:
    """COO-1."""
    config = CoordinatorConfig()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        config.t1 = 1.0  # type: ignore[misc]
    assert attrs.evolve(config, t1=0.1).t1 == 0.1


@pytest.mark.parametrize("state", CallState)
def test_a_state_is_final_or_in_progress(state: CallState) -> None:
    """SES-3."""
    assert state.is_final is not state.is_in_progress
    assert state.is_final is (state.name in {"TERMINATED", "CANCELLED", "FAILED"})
