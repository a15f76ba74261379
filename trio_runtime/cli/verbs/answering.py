"""What `serve` does with a call: a task of its own where audio flows, a callback where none does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import numpy as np

from sansio_rtp.audio import ToneSource, sine
from trio_runtime.base.errors import AudioFileError, CallEnded
from trio_runtime.cli.flags.answers import Answer, AnswerKind
from trio_runtime.handlers import AutoAnswerHandler, CallDecision, CallHandler, Reject
from trio_runtime.media.player import open_player
from trio_runtime.session import IncomingCall

__all__ = ["CallTask", "callback_of", "prepare", "task_of"]

_ECHO_CUSHION_MS = 40

CallTask = Callable[[IncomingCall], Awaitable[None]]


async def prepare(answer: Answer) -> None:
    """Check the file that shall be played, make the folder that shall be recorded into.

    Raises:
        AudioFileError: One of them cannot be used.
    """
    if answer.kind is AnswerKind.PLAY:
        await open_player(answer.path, ended=lambda: CallEnded("not playing"))
    elif answer.kind is AnswerKind.RECORD:
        try:
            answer.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AudioFileError(f"cannot record into {answer.path}: {error.strerror or error}") from error


class _BusyHandler(CallHandler):
    """Refuses every call with 486."""

    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        """Refuse."""
        return Reject(486)


def callback_of(answer: Answer, *, no_media: bool) -> CallHandler | None:
    """Return the handler for an answer that needs no task, ``None`` for one that does.

    Args:
        answer: What is done with a call.
        no_media: Whether calls have no audio.
    """
    if answer.kind is AnswerKind.BUSY:
        return _BusyHandler()
    return AutoAnswerHandler() if no_media and answer.kind is not AnswerKind.RING else None


def task_of(answer: Answer) -> CallTask:
    """Return what runs for each call; its return hangs up."""
    return lambda call: _TASKS[answer.kind](call, answer)


async def _echo(call: IncomingCall, _: Answer) -> None:
    await call.answer()
    audio = call.audio
    # A little ahead, so that a task that gets its turn late leaves no hole in the echo.
    audio.send_nowait(np.zeros(audio.rate * _ECHO_CUSHION_MS // 1_000, np.int16))
    async for frame in audio:
        audio.send_nowait(frame)


async def _tone(call: IncomingCall, answer: Answer) -> None:
    await call.answer()
    await call.play(ToneSource(sine(answer.tone_hz), call.audio.rate))


async def _play(call: IncomingCall, answer: Answer) -> None:
    await call.answer()
    await call.play(answer.path)


async def _record(call: IncomingCall, answer: Answer) -> None:
    call.accept()  # media runs from the 200 on: the recording must not wait for the ACK
    async with call.recording(answer.path / f"{call.id}.wav", channels="split"):
        await call.ended()


async def _ring(call: IncomingCall, _: Answer) -> None:
    call.ring()
    await call.ended()


_TASKS: dict[AnswerKind, Callable[[IncomingCall, Answer], Awaitable[None]]] = {
    AnswerKind.ECHO: _echo,
    AnswerKind.TONE: _tone,
    AnswerKind.PLAY: _play,
    AnswerKind.RECORD: _record,
    AnswerKind.RING: _ring,
}
