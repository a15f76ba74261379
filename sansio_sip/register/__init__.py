"""Registrations: the client that keeps its contacts alive, and the registrar (RFC 3261 §10)."""

from .address import address_of_record, is_own_address
from .binding import Binding, by_preference, one_per_instance
from .client import Registration
from .client_table import REGISTRATION_TABLE
from .config import BackOff, RegistrationConfig
from .contacts import Grant
from .events import Registered, RegistrationEvent, RegistrationFailed, Unregistered
from .judging import judge_register
from .keep_alive import PONG_TIMEOUT, keep_alive_interval
from .registrar import Registrar
from .registrar_base import RegistrarStatistics
from .registrar_config import RegistrarConfig
from .registrar_events import (
    BindingCause,
    BindingsChanged,
    ChangeHeld,
    RegisterRefused,
    RegistrarEvent,
)
from .states import RegistrationInput, RegistrationState
from .store import BindingStore, MemoryBindingStore, StoreError
from .verbs import RegistrarVerbs
from .ways import leads_nowhere, phones_by_preference, way_to

__all__ = [
    "PONG_TIMEOUT",
    "REGISTRATION_TABLE",
    "BackOff",
    "Binding",
    "BindingCause",
    "BindingStore",
    "BindingsChanged",
    "ChangeHeld",
    "Grant",
    "MemoryBindingStore",
    "RegisterRefused",
    "Registered",
    "Registrar",
    "RegistrarConfig",
    "RegistrarEvent",
    "RegistrarStatistics",
    "RegistrarVerbs",
    "Registration",
    "RegistrationConfig",
    "RegistrationEvent",
    "RegistrationFailed",
    "RegistrationInput",
    "RegistrationState",
    "StoreError",
    "Unregistered",
    "address_of_record",
    "by_preference",
    "is_own_address",
    "judge_register",
    "keep_alive_interval",
    "leads_nowhere",
    "one_per_instance",
    "phones_by_preference",
    "way_to",
]
