"""``demo``: two phones in this process call each other, and the audio is measured."""

from __future__ import annotations

import tempfile
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trio_runtime.cli.failures import EXIT_FAILED, EXIT_OK
from trio_runtime.cli.printing.output import Json, Output, Record
from trio_runtime.cli.verbs.demo_call import ALICE, BOB, Conversation, converse
from trio_runtime.cli.verbs.demo_check import Passage, measure, table

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.signals import Interrupt

__all__ = ["demo"]


async def demo(options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment) -> int:
    """Run the demo; 0 when the audio that arrived is the audio that was sent.

    Raises:
        VoipError: There was no call.
        OSError: The folder cannot be written.
    """
    folder = _folder(options.out)
    conversation: Conversation | None = None
    with interrupt.scope:
        conversation = await converse(folder, environment)
    if conversation is None:
        return EXIT_FAILED
    passages = (measure(ALICE, BOB, conversation.bob), measure(BOB, ALICE, conversation.alice))
    faults = [fault for passage in passages for fault in passage.faults()]
    output.write(_record(conversation, passages, faults))
    return EXIT_FAILED if faults else EXIT_OK


def _folder(wanted: Path | None) -> Path:
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="sansio-voip-demo-"))
    wanted.mkdir(parents=True, exist_ok=True)
    return wanted


def _record(conversation: Conversation, passages: Sequence[Passage], faults: Sequence[str]) -> Record:
    recordings = sorted(str(passage.heard.recording) for passage in passages)
    verdict = "\n".join(faults) if faults else "The audio that arrived is the audio that was sent."
    text = [
        *conversation.ladder,
        "",
        table(passages),
        "",
        *(f"recorded {path}" for path in recordings),
        verdict,
    ]
    values: dict[str, Json] = {
        "ok": not faults,
        "faults": list(faults),
        "ladder": list(conversation.ladder),
        "directions": [passage.values() for passage in passages],
        "recordings": list(recordings),
    }
    return Record("demo", "\n".join(text), values)
