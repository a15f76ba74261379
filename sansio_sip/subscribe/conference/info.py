"""What a focus tells of its conference (RFC 4575 §5.2 to §5.5)."""

from __future__ import annotations

import attrs

from .members import ConferenceMedia, ConferenceUser, ElementState

__all__ = ["ConferenceDescription", "ConferenceInfo", "ConferenceState", "ConferenceUri"]


@attrs.frozen
class ConferenceUri:
    """One way into a conference or to a service of it (RFC 4575 §5.3.1, §5.3.2)."""

    uri: str
    display_text: str = ""
    purpose: str = ""


@attrs.frozen(kw_only=True)
class ConferenceDescription:
    """What is to be said of the conference as such (RFC 4575 §5.3).

    Attributes:
        display_text: Its name.
        subject: Its subject.
        free_text: More words.
        keywords: Words that it may be found by.
        conf_uris: Ways in.
        service_uris: Its services.
        maximum_user_count: How many users there may be, or None.
        available_media: Streams that it offers.
    """

    display_text: str = ""
    subject: str = ""
    free_text: str = ""
    keywords: tuple[str, ...] = ()
    conf_uris: tuple[ConferenceUri, ...] = ()
    service_uris: tuple[ConferenceUri, ...] = ()
    maximum_user_count: int | None = None
    available_media: tuple[ConferenceMedia, ...] = ()


@attrs.frozen
class ConferenceState:
    """How the conference is (RFC 4575 §5.5); None for what is not told."""

    user_count: int | None = None
    active: bool | None = None
    locked: bool | None = None


@attrs.frozen(kw_only=True)
class ConferenceInfo:
    """One conference document.

    Attributes:
        entity: URI of the conference.
        version: Rises by one with each document of a subscription.
        state: Whether it tells all, what has changed, or that the conference is over.
        description: The conference as such; None when not told.
        status: How it is; None when not told.
        users: Users.
        users_state: Whether these are all users, or those of whom something has changed.
    """

    entity: str
    version: int
    state: ElementState = ElementState.FULL
    description: ConferenceDescription | None = None
    status: ConferenceState | None = None
    users: tuple[ConferenceUser, ...] = ()
    users_state: ElementState = ElementState.FULL
