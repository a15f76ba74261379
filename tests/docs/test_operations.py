"""The page about operations says what there is (COO-6, SCALE-2)."""

from __future__ import annotations

import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.media_config import MediaConfig

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "operations.md").read_text(encoding="utf-8")
MODULE: dict[str, Any] = runpy.run_path(str(DOCS / "generate_configuration.py"))


def test_table_has_every_field_as_it_is_now() -> None:
    """COO-6: it is generated; `python docs/generate_configuration.py` writes it anew."""
    assert MODULE["written"](PAGE) == PAGE
    for field in (
        "sip_port",
        "ptime_ms",
        "max_queue_time",
        "keep_alive",
        "key_password",
        "redact",
        "registrar",
    ):
        assert f"| `{field}` |" in PAGE


def test_example_can_be_loaded(tmp_path: Path) -> None:
    """COO-6."""
    text = PAGE.partition("```toml\n")[2].partition("```")[0]
    file = tmp_path / "server.toml"
    file.write_text(text, encoding="utf-8")
    config = CoordinatorConfig.from_toml(file)
    assert config.max_sessions == 500
    assert config.media == MediaConfig(rtp_timeout=30, on_rtp_timeout="hang_up")
    assert config.limits.trusted == ("10.0.0.0/8",)
    assert [account.uri for account in config.accounts] == ["sip:pbx@trunk.example.net"]
    assert set(tomllib.loads(text)) >= {"media", "limits", "flows", "accounts"}


def test_mistake_that_the_page_shows_is_told_like_that(tmp_path: Path) -> None:
    """COO-6."""
    (tmp_path / "server.toml").write_text("[media]\nptime_ms = 7\n")
    with pytest.raises(ConfigurationError) as caught:
        CoordinatorConfig.from_toml(tmp_path / "server.toml")
    assert str(caught.value).removeprefix(f"{tmp_path}/") in PAGE
