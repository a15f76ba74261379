"""Registrations: the client that keeps its contacts alive, and the registrar (RFC 3261 §10)."""

from .client import Registration
from .client_table import REGISTRATION_TABLE
from .config import BackOff, RegistrationConfig
from .contacts import Grant
from .events import Registered, RegistrationEvent, RegistrationFailed, Unregistered
from .keep_alive import PONG_TIMEOUT, keep_alive_interval
from .states import RegistrationInput, RegistrationState

__all__ = [
    "PONG_TIMEOUT",
    "REGISTRATION_TABLE",
    "BackOff",
    "Grant",
    "Registered",
    "Registration",
    "RegistrationConfig",
    "RegistrationEvent",
    "RegistrationFailed",
    "RegistrationInput",
    "RegistrationState",
    "Unregistered",
    "keep_alive_interval",
]
