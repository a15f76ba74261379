"""The table of the publishing side (RFC 3903 §4, §5)."""

from __future__ import annotations

from ..table import Rule, Table
from .publisher_actions import PublisherActions
from .publisher_states import PublisherInput as I
from .publisher_states import PublisherState as S

__all__ = ["PUBLISHER_TABLE", "PublisherTable"]

_T = PublisherActions


class PublisherTable(PublisherActions):
    """When a publisher does what."""

    __slots__ = ()

    table = Table[PublisherActions, S, I](
        "publication",
        {
            (S.IDLE, I.PUBLISH): Rule(S.PUBLISHING, (_T._publish,)),
            (S.IDLE, I.CLOSE): Rule(S.TERMINATED),
            (S.PUBLISHING, I.ACCEPTED): Rule(S.PUBLISHED, (_T._report_update, _T._publish_news)),
            # The old entity-tag is not tried again; the state is published anew (§5).
            (S.PUBLISHING, I.TAG_UNKNOWN): Rule(S.PUBLISHING, (_T._publish,)),
            (S.PUBLISHING, I.FAILED_FOR_NOW): Rule(S.RETRY_WAIT, (_T._wait,)),
            (S.PUBLISHING, I.FAILED_FOR_GOOD): Rule(S.TERMINATED, (_T._stop_timers, _T._report_end)),
            (S.PUBLISHING, I.EXPIRED): Rule(S.PUBLISHING, (_T._drop_tag,)),
            (S.PUBLISHING, I.CLOSE): Rule(S.CLOSING, (_T._report_closed, _T._withdraw)),
            (S.PUBLISHED, I.PUBLISH): Rule(S.PUBLISHING, (_T._stop_repeat, _T._publish)),
            (S.PUBLISHED, I.REFRESH_DUE): Rule(S.PUBLISHING, (_T._publish,)),
            (S.PUBLISHED, I.EXPIRED): Rule(S.PUBLISHED, (_T._drop_tag,)),
            (S.PUBLISHED, I.CLOSE): Rule(S.REMOVING, (_T._report_closed, _T._remove)),
            (S.RETRY_WAIT, I.RETRY_DUE): Rule(S.PUBLISHING, (_T._publish,)),
            (S.RETRY_WAIT, I.EXPIRED): Rule(S.RETRY_WAIT, (_T._drop_tag,)),
            (S.RETRY_WAIT, I.CLOSE): Rule(S.REMOVING, (_T._report_closed, _T._remove)),
            # The answer on its way brings the entity-tag that is to be removed.
            (S.CLOSING, I.ACCEPTED): Rule(S.REMOVING, (_T._stop_timers, _T._remove)),
            (S.CLOSING, I.WITHDRAWN): Rule(S.REMOVING, (_T._remove,)),
            (S.CLOSING, I.TAG_UNKNOWN): Rule(S.TERMINATED),
            (S.CLOSING, I.FAILED_FOR_NOW): Rule(S.REMOVING, (_T._remove,)),
            (S.CLOSING, I.FAILED_FOR_GOOD): Rule(S.REMOVING, (_T._remove,)),
            # Whatever the answer: what was not removed will expire.
            (S.REMOVING, I.ACCEPTED): Rule(S.TERMINATED, (_T._stop_timers,)),
            (S.REMOVING, I.TAG_UNKNOWN): Rule(S.TERMINATED),
            (S.REMOVING, I.FAILED_FOR_NOW): Rule(S.TERMINATED),
            (S.REMOVING, I.FAILED_FOR_GOOD): Rule(S.TERMINATED),
        },
        ignored=frozenset(
            {
                (S.PUBLISHING, I.PUBLISH),  # told when the one on its way is answered
                (S.RETRY_WAIT, I.PUBLISH),
                (S.CLOSING, I.CLOSE),
                (S.REMOVING, I.CLOSE),
            }
        ),
        user_owned=frozenset({S.IDLE, S.PUBLISHING, S.CLOSING, S.REMOVING}),  # PUBLISH has timers of its own
        final=S.TERMINATED,
    )


PUBLISHER_TABLE = PublisherTable.table
