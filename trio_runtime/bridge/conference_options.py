"""The keyword arguments that open a conference: the fields of `ConferenceConfig`, each optional."""

from __future__ import annotations

from typing import TypedDict

from trio_runtime.media import Playable

__all__ = ["ConferenceOptions"]


class ConferenceOptions(TypedDict, total=False):
    """See `ConferenceConfig` for what each means."""

    name: str | None
    uri: str | None
    rate: int | None
    max_members: int
    music: Playable | None
    pin: str | None
    pin_prompt: Playable | None
    pin_tries: int
    watchers: str
    referrers: str
    time_limit: float | None
