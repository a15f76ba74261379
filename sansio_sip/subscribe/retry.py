"""When to try again what has failed or was ended (RFC 6665 §4.1.3, RFC 3842 §3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .ends import (
    NotifyMissing,
    RequestRefused,
    RequestTimedOut,
    RequestUnreachable,
    SubscriptionExpired,
    TerminatedByNotifier,
)

if TYPE_CHECKING:
    from ..ids import Ids
    from .config import SubscribeConfig
    from .ends import SubscriptionEnd

__all__ = ["backoff", "retry_delay"]

_FINAL_REASONS = frozenset({"rejected", "noresource", "invariant"})
# 481 says that the notifier has lost the dialog, so that a new one may well succeed.
_TEMPORARY = frozenset({408, 480, 481, 500, 502, 503, 504})
_LOST = (NotifyMissing, RequestTimedOut, RequestUnreachable)


def backoff(failures: int, config: SubscribeConfig, ids: Ids) -> float:
    """Return seconds that double with each failure, up to a limit, with jitter.

    Without jitter all subscribers of a server that restarts would come back at once.
    """
    longest = min(config.retry_base * 2.0 ** min(failures, 32), config.retry_max)
    return ids.uniform(longest / 2, longest)


def retry_delay(end: SubscriptionEnd, failures: int, config: SubscribeConfig, ids: Ids) -> float | None:
    """Return the seconds to wait before a new SUBSCRIBE, or None when there must be none.

    Args:
        end: How the last one ended.
        failures: How many losses came before this one without a stable time between.
        config: Patience.
        ids: Makes the jitter.
    """
    # "Immediately" holds once: a notifier that ends every subscription at once is not followed at once.
    soon = 0.0 if not failures else backoff(failures - 1, config, ids)
    match end:
        case TerminatedByNotifier(reason, retry_after):
            return _after_termination(reason, retry_after, soon, config)
        case RequestRefused(status_code, _, retry_after):
            if status_code not in _TEMPORARY:
                return None
            return max(float(retry_after or 0), backoff(failures, config, ids))
        case SubscriptionExpired():
            return soon
        case _:
            return backoff(failures, config, ids) if isinstance(end, _LOST) else None


def _after_termination(
    reason: str, retry_after: int | None, soon: float, config: SubscribeConfig
) -> float | None:
    if reason in _FINAL_REASONS:
        return None
    if reason in ("deactivated", "timeout"):  # a retry-after has no meaning for these
        return soon
    if retry_after is not None:
        return max(float(retry_after), soon)
    return max(config.probation, soon) if reason == "probation" else soon
