"""Why a subscription or publication did not come about."""

from __future__ import annotations

import attrs

from sansio_sip.subscribe import (
    NotifyMissing,
    RequestRefused,
    RequestTimedOut,
    RequestUnreachable,
    SubscriptionClosed,
    SubscriptionEnd,
    TerminatedByNotifier,
)
from trio_runtime.base.connection_errors import FailureCause
from trio_runtime.base.errors import NetworkError, RequestTimedOutError, SipFailure, VoipError

__all__ = [
    "SubscriptionEndedError",
    "SubscriptionRejected",
    "describe_subscription_end",
    "subscription_error",
]


class SubscriptionRejected(SipFailure):
    """The peer refused a SUBSCRIBE or PUBLISH; `status_code` and `reason` are its answer."""


class SubscriptionEndedError(VoipError):
    """The subscription or publication is over while somebody waits for it."""


def describe_subscription_end(end: SubscriptionEnd) -> str:
    """Return a few words that say how a subscription or publication ended."""
    match end:
        case RequestRefused(status_code, reason):
            return f"refused: {status_code} {reason}".rstrip()
        case RequestTimedOut():
            return "no answer in time"
        case RequestUnreachable(cause):
            return f"the peer cannot be reached: {cause}"
        case NotifyMissing():
            return "accepted, but no state came"
        case TerminatedByNotifier(reason):
            return f"ended by the peer: {reason or 'no reason given'}"
        case SubscriptionClosed():
            return "we ended it"
        case _:
            words = ", ".join(f"{name} {value}" for name, value in attrs.asdict(end).items() if value)
            return f"{type(end).__name__} {words}".rstrip()


def subscription_error(uri: str, end: SubscriptionEnd) -> VoipError:
    """Return the error for who waits in vain.

    Args:
        uri: What was subscribed to or published about.
        end: What happened.
    """
    match end:
        case RequestRefused(status_code, reason):
            return SubscriptionRejected(status_code, f"{reason} ({uri})")
        case RequestUnreachable(FailureCause() as cause):
            return cause.error
        case RequestUnreachable():
            return NetworkError(f"{uri}: {describe_subscription_end(end)}")
        case RequestTimedOut() | NotifyMissing():
            return RequestTimedOutError(f"{uri}: {describe_subscription_end(end)}")
        case _:
            return SubscriptionEndedError(f"{uri}: {describe_subscription_end(end)}")
