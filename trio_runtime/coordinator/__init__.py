"""The coordinator and its parts."""

from trio_runtime.coordinator.coordinator import SessionCoordinator
from trio_runtime.coordinator.outgoing import OutgoingCall
from trio_runtime.coordinator.statistics import CoordinatorStatistics

__all__ = ["CoordinatorStatistics", "OutgoingCall", "SessionCoordinator"]
