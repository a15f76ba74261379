"""What sounds to all members of a conference, and files that hear it."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import AudioFileError, LimitExceededError, MediaError
from trio_runtime.bridge.conference_controls import ConferenceControls
from trio_runtime.bridge.music import WaitingMusic
from trio_runtime.media import Recorder, open_player

if TYPE_CHECKING:
    from os import PathLike

    from trio_runtime.base.types import SessionId
    from trio_runtime.bridge.conference_config import ConferenceConfig
    from trio_runtime.bridge.conference_operations import ConferenceOperations
    from trio_runtime.media import Channels, Playable

__all__ = ["ConferenceAudio"]

logger = logging.getLogger("trio_runtime")


class ConferenceAudio(ConferenceControls):
    """Announcements and recordings of a conference."""

    def __init__(self, name: str, operations: ConferenceOperations, config: ConferenceConfig) -> None:
        super().__init__(name, operations, config)
        self._music = WaitingMusic(operations, config.music)
        self._files: list[_MemberFiles] = []

    @property
    def rate(self) -> int:
        """Samples a second that its members can hear, in Hz: also of samples that are played to them."""
        return self._room.rate

    async def play(self, source: Playable) -> None:
        """Play something to all members, whoever comes meanwhile included, and return at its end.

        Args:
            source: Path or content of a WAV file, int16 samples at the rate of the conference, or a feed.

        Raises:
            AudioFileError: The file cannot be played; nothing was.
            MediaError: The conference is over.
            LimitExceededError: Too much sounds already.
        """
        player = await open_player(source, ended=_over, rate=self._room.rate)
        with self._music.silenced():
            self._room.add_source(player)
            try:
                await player.finished()
            finally:
                self._room.remove_source(player)

    @asynccontextmanager
    async def recording(
        self,
        path: str | PathLike[str],
        *,
        channels: Channels = "both",
        members: str | PathLike[str] | None = None,
    ) -> AsyncGenerator[Recorder]:
        """Record what is said and played while the block lasts; the files are valid after every write.

        Args:
            path: The file to write: everybody and all that is played to them, at the rate of the conference.
            channels: ``split`` puts the members left and what is played to them right, ``received`` and
                ``sent`` take one of the two, ``both`` mixes.
            members: A folder that gets a file of what each member says, named after its call; None: none.

        Raises:
            AudioFileError: A file cannot be written; or writing broke off, and the block ended well.
            MediaError: The conference is over.
            LimitExceededError: It is recorded too often already.
        """
        await trio.lowlevel.checkpoint()
        recorder = Recorder(path, channels, self._room.rate)
        files = None if members is None else _MemberFiles(self._operations, Path(os.fspath(members)))
        try:
            self._room.add_sink(recorder)
            if files is not None:
                self._files.append(files)
                for session_id in self._members:
                    files.begin(session_id)
            yield recorder
        finally:
            if files is not None and files in self._files:
                self._files.remove(files)
                files.close()
            self._room.remove_sink(recorder)
            recorder.close()
        if recorder.error is not None:
            raise recorder.error

    def _record(self, session_id: SessionId) -> None:
        for files in self._files:
            files.begin(session_id, patient=True)

    def _end_record(self, session_id: SessionId) -> None:
        for files in self._files:
            files.end(session_id)


class _MemberFiles:
    """A folder with a file of each member."""

    def __init__(self, operations: ConferenceOperations, folder: Path) -> None:
        self._operations = operations
        self._folder = folder
        self._recorders: dict[SessionId, Recorder] = {}
        self._parts: dict[SessionId, int] = {}

    def begin(self, session_id: SessionId, *, patient: bool = False) -> None:
        """Record a member; one that comes again gets another file.

        Raises:
            AudioFileError: The file cannot be written; `patient`, that is only logged.
            LimitExceededError: The call is recorded too often; the same holds.
        """
        part = self._parts[session_id] = self._parts.get(session_id, 0) + 1
        name = f"{session_id}.wav" if part == 1 else f"{session_id}-{part}.wav"
        try:
            recorder = self._operations.start_recording(session_id, self._folder / name)
        except (AudioFileError, LimitExceededError) as error:
            if not patient:
                raise
            logger.warning("a member of a conference is not recorded: %s", error)
        else:
            self._recorders[session_id] = recorder

    def end(self, session_id: SessionId) -> None:
        """End the recording of a member, where there is one."""
        recorder = self._recorders.pop(session_id, None)
        if recorder is not None:
            self._operations.stop_recording(session_id, recorder)

    def close(self) -> None:
        """End all of them."""
        for session_id in list(self._recorders):
            self.end(session_id)


def _over() -> Exception:
    return MediaError("the conference is over")
