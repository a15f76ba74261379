"""``api``: let programs drive the calls of this phone by WebSocket."""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import trio

from trio_runtime.api import open_server
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.tls_config import TlsConfig
from trio_runtime.cli.failures import EXIT_OK, UsageError
from trio_runtime.cli.flags import values
from trio_runtime.cli.flags.accounts import registering
from trio_runtime.cli.flags.common import add_service, service_config
from trio_runtime.cli.printing.call_tables import calls_table
from trio_runtime.cli.printing.live import live_tables
from trio_runtime.cli.printing.output import Output, Record
from trio_runtime.cli.printing.printer import printing_events
from trio_runtime.cli.printing.readiness import ready_record
from trio_runtime.cli.printing.reports import server_record
from trio_runtime.control import ApiConfig, ApiServer, open_api

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.signals import Interrupt

__all__ = ["add_api", "serve_api"]

_API_PORT = 8_088


def add_api(parser: ArgumentParser) -> None:
    """Add the verb's own options."""
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        type=Path,
        required=True,
        help="file with the secret that clients have to know, 16 characters or more",
    )
    parser.add_argument(
        "--api",
        metavar="HOST:PORT",
        type=values.bind_address(_API_PORT),
        default=("127.0.0.1", _API_PORT),
        help=f"address of the API (default 127.0.0.1:{_API_PORT})",
    )
    parser.add_argument("--folder", metavar="DIR", type=Path, help="files to play and record (default: none)")
    parser.add_argument(
        "--api-certificate",
        metavar="FILE",
        help="PEM file: certificate and key of the API, which is wss then",
    )
    add_service(parser)


async def serve_api(
    options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment
) -> int:
    """Serve clients until interrupted or ``--duration`` is over, then print the statistics.

    Raises:
        VoipError: It could not begin, as when a port is in use.
    """
    config, settings = service_config(options), _settings(options)
    server = open_server(environment=environment, config=config)
    events = nullcontext() if options.quiet else printing_events(server.subscribe(max_events=10_000), output)
    async with events, server, live_tables(lambda: [calls_table(server)], output):
        with interrupt.scope, trio.move_on_after(options.duration or math.inf):
            async with open_api(server, *options.api, config=settings) as api, trio.open_nursery() as nursery:
                await nursery.start(server.serve, api.take)
                async with registering(server, options):
                    output.write(_ready(api, settings))
                    output.write(ready_record(server.listening))
                    await trio.sleep_forever()
    output.write(server_record(server.statistics()))
    return EXIT_OK


def _settings(options: Namespace) -> ApiConfig:
    if options.folder is not None and not options.folder.is_dir():
        raise UsageError(f"--folder {options.folder} is no folder")
    folder = None if options.folder is None else str(options.folder)
    try:
        tls = None if options.api_certificate is None else TlsConfig(certificate=options.api_certificate)
    except ConfigurationError as error:
        raise UsageError(f"--api-certificate: {error.problem}") from error
    try:
        token = options.token_file.read_text(encoding="utf-8").strip()
        return ApiConfig(token=token, folder=folder, tls=tls)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--token-file {options.token_file} cannot be read: {error}") from error
    except ConfigurationError as error:
        raise UsageError(f"--token-file {options.token_file}: {error.problem}") from error


def _ready(api: ApiServer, settings: ApiConfig) -> Record:
    host, port = api.address
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    url = f"{'ws' if settings.tls is None else 'wss'}://{place}/"
    return Record("api", f"the API is at {url}", {"url": url})
