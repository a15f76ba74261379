"""A conference as its watchers see it: users, their endpoints, how they take part (RFC 4575)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs

from sansio_sip.errors import ParseError
from sansio_sip.message import NameAddr
from sansio_sip.subscribe import without_illegal
from sansio_sip.subscribe.conference import (
    ConferenceDescription,
    ConferenceDocumentState,
    ConferenceEndpoint,
    ConferenceMedia,
    ConferenceState,
    ConferenceUri,
    ConferenceUser,
    EndpointStatus,
    Occasion,
)

if TYPE_CHECKING:
    from trio_runtime.bridge import Conference, MemberInfo
    from trio_runtime.session import Call

__all__ = ["roster"]


def roster(
    conference: Conference, uri: str, epoch: float, changed: frozenset[str] = frozenset()
) -> ConferenceDocumentState:
    """Return the state of a conference.

    Args:
        conference: The conference.
        uri: Its URI.
        epoch: Seconds since 1970 at the zero of the coordinator's clock.
        changed: URIs of users that have come, gone or changed.
    """
    info = conference.info()
    users: dict[str, ConferenceUser] = {}
    for call, member in zip(conference.members, info.details, strict=True):
        entity = without_illegal(member.uri)
        user = users.get(entity) or ConferenceUser(entity=entity, display_text=_name_of(call))
        known = {endpoint.entity for endpoint in user.endpoints}
        users[entity] = attrs.evolve(
            user,
            roles=tuple(dict.fromkeys((*user.roles, member.role.value))),
            endpoints=(*user.endpoints, _endpoint(call, member, epoch, known)),
        )
    return ConferenceDocumentState(
        entity=without_illegal(uri),
        description=ConferenceDescription(
            display_text=without_illegal(info.name),
            conf_uris=(ConferenceUri(without_illegal(uri)),),
            maximum_user_count=info.max_members,
            available_media=(ConferenceMedia("1", type="audio", status="sendrecv"),),
        ),
        status=ConferenceState(user_count=len(users), active=bool(users), locked=info.locked),
        users=tuple(users.values()),
        changed=frozenset(map(without_illegal, changed)),
        over=info.closed,
    )


def _endpoint(call: Call, member: MemberInfo, epoch: float, known: set[str]) -> ConferenceEndpoint:
    silent = member.muted or member.role.value == "listener"
    status = EndpointStatus.MUTED_VIA_FOCUS if silent else EndpointStatus.CONNECTED
    entity = without_illegal(_contact_of(call) or member.uri)
    joined = datetime.fromtimestamp(epoch + member.joined_at, UTC)
    return ConferenceEndpoint(
        entity=f"{entity}#{without_illegal(call.sip_call_id)}" if entity in known else entity,
        status=status,
        joining_method="dialed-out" if member.dialled_out else "dialed-in",
        joining=Occasion(joined.strftime("%Y-%m-%dT%H:%M:%SZ")),
        media=(ConferenceMedia("1", type="audio", status="recvonly" if silent else "sendrecv"),),
    )


def _contact_of(call: Call) -> str:
    try:
        return str(NameAddr.parse(call.headers.get("Contact", "")).uri)
    except ParseError:
        return ""


def _name_of(call: Call) -> str:
    """Return the name that the peer has given itself."""
    field = "From" if call.direction.value == "incoming" else "To"
    try:
        return without_illegal(NameAddr.parse(call.headers.get(field, "")).display_name or "")
    except ParseError:
        return ""
