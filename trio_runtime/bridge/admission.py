"""Who may come into a conference: answering, asking for the PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sansio_rtp.audio import ToneSource, sine
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from trio_runtime.bridge.conference_config import ConferenceConfig
    from trio_runtime.media import AudioFrame
    from trio_runtime.session import Call

__all__ = ["be_answered", "knows_pin"]

_BEEP_HZ = 880.0
_BEEP_S = 0.3


async def be_answered(call: Call) -> None:
    """Answer a call that came in, or wait until the other side answers one that we make.

    Raises:
        CallEnded: It ended first.
    """
    if isinstance(call, IncomingCall) and call.undecided:
        await call.answer()
    elif call.answered_at is None:
        await call.answered()


async def knows_pin(call: Call, config: ConferenceConfig) -> bool:
    """Ask a caller for the PIN, and tell whether it was given.

    Raises:
        AudioFileError: The prompt cannot be played.
        CallEnded: The call ended first.
    """
    if config.pin is None:
        return True
    prompt = _beep(call.audio.rate) if config.pin_prompt is None else config.pin_prompt
    given = await call.ask(
        prompt, digits=len(config.pin), tries=config.pin_tries, timeout=10.0, valid={config.pin}
    )
    return given == config.pin


def _beep(rate: int) -> AudioFrame:
    return np.asarray(ToneSource(sine(_BEEP_HZ), rate).read(int(rate * _BEEP_S)), np.int16)
