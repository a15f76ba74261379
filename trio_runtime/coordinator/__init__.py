"""The coordinator and its parts."""

from trio_runtime.coordinator.coordinator import SessionCoordinator
from trio_runtime.coordinator.outgoing import OutgoingCall
from trio_runtime.coordinator.preparing import PreparedCall
from trio_runtime.coordinator.registering.block import RegisteredBlock
from trio_runtime.coordinator.registering.registration import Registration
from trio_runtime.coordinator.registering.state import RegistrationState
from trio_runtime.coordinator.statistics import CoordinatorStatistics

__all__ = [
    "CoordinatorStatistics",
    "OutgoingCall",
    "PreparedCall",
    "RegisteredBlock",
    "Registration",
    "RegistrationState",
    "SessionCoordinator",
]
