"""What a verb is configured with: a file, before it the environment, before that the flags."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import attrs

from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.cli.flags.capturing import capture_of

__all__ = ["add_config", "base_config", "configured"]


def add_config(parser: ArgumentParser) -> None:
    """Give a verb the file that its configuration stands in."""
    parser.add_argument(
        "--config",
        metavar="FILE.toml",
        type=Path,
        help="configuration; variables SANSIO_… go before it, and options before these",
    )


def base_config(options: Namespace, *, sip_port: int) -> CoordinatorConfig:
    """Return what the file and the environment say.

    Args:
        options: The command line.
        sip_port: The port where neither names one.

    Raises:
        ConfigurationError: Something cannot be used; the error names the file or variable, and the field.
    """
    config = CoordinatorConfig(sip_port=sip_port)
    if options.config is not None:
        config = CoordinatorConfig.from_toml(options.config, base=config)
    return CoordinatorConfig.from_environment(base=config)


def configured(options: Namespace, base: CoordinatorConfig) -> CoordinatorConfig:
    """Return a configuration with what the flags of every verb with media say."""
    return attrs.evolve(base, media=_media(options, base.media), capture=capture_of(options) or base.capture)


def _media(options: Namespace, base: MediaConfig) -> MediaConfig:
    changes: dict[str, object] = {}
    if "--media-ports" in options.given:
        changes["ports"] = options.media_ports
    if "--srtp" in options.given:
        changes["srtp"] = options.srtp
    return attrs.evolve(base, **changes)  # type: ignore[arg-type]
