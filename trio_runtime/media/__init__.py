"""Media of calls: ports, the media clock, streams, and what plays into them and listens to them."""

from __future__ import annotations

from trio_runtime.media.audio import CallAudio, CallAudioStatistics
from trio_runtime.media.bridge import BridgeMode, MediaBridge
from trio_runtime.media.manager import MediaManager
from trio_runtime.media.no_media import NoMedia
from trio_runtime.media.places import MediaPlaces
from trio_runtime.media.player import AudioFeed, Playable, Player, open_player
from trio_runtime.media.recorder import Channels, Recorder, recording
from trio_runtime.media.relays.relay import CodecRefused, Relay, RelayEnded, RelayEvent
from trio_runtime.media.rooms.events import MemberJoined, MemberLeft, RoomEvent, SpeakerChanged
from trio_runtime.media.rooms.rates import ROOM_RATES
from trio_runtime.media.rooms.room import Room
from trio_runtime.media.stream import MediaStream
from trio_runtime.media.types import (
    AudioFrame,
    AudioSink,
    AudioSource,
    EngineStatistics,
    MediaEvent,
    MediaStatistics,
    RtpTimedOut,
    RtpTotals,
    StreamFailed,
)

__all__ = [
    "ROOM_RATES",
    "AudioFeed",
    "AudioFrame",
    "AudioSink",
    "AudioSource",
    "BridgeMode",
    "CallAudio",
    "CallAudioStatistics",
    "Channels",
    "CodecRefused",
    "EngineStatistics",
    "MediaBridge",
    "MediaEvent",
    "MediaManager",
    "MediaPlaces",
    "MediaStatistics",
    "MediaStream",
    "MemberJoined",
    "MemberLeft",
    "NoMedia",
    "Playable",
    "Player",
    "Recorder",
    "Relay",
    "RelayEnded",
    "RelayEvent",
    "Room",
    "RoomEvent",
    "RtpTimedOut",
    "RtpTotals",
    "SpeakerChanged",
    "StreamFailed",
    "open_player",
    "recording",
]
