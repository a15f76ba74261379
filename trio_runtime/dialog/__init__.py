"""The signalling side: one machine, its sockets, its pump, and the manager in front of them."""

from trio_runtime.dialog.accounts import own_account
from trio_runtime.dialog.binding import Bound, bind_all
from trio_runtime.dialog.carrier import Carrier
from trio_runtime.dialog.config import admission_config, agent_config, families_of
from trio_runtime.dialog.families import (
    callee_speaks_six,
    caller_host,
    caller_speaks_six,
    way_speaks_six,
)
from trio_runtime.dialog.local_hosts import WILDCARDS, reachable_host
from trio_runtime.dialog.machine import SipMachine
from trio_runtime.dialog.manager import DialogManager
from trio_runtime.dialog.phone_users import PhoneUsers
from trio_runtime.dialog.presence_side import PresenceSide
from trio_runtime.dialog.pump import Pump, PumpStatistics
from trio_runtime.dialog.registering import Registering
from trio_runtime.dialog.registrar_settings import (
    inbound_authentication,
    phone_authentication,
    registrar_settings,
)
from trio_runtime.dialog.registrar_side import RegistrarMachine, RegistrarSide
from trio_runtime.dialog.requesting import Requesting
from trio_runtime.dialog.serving import Service, registrar_service
from trio_runtime.dialog.serving_presence import presence_settings
from trio_runtime.dialog.types import DialogStatistics
from trio_runtime.dialog.watched import Watched

__all__ = [
    "WILDCARDS",
    "Bound",
    "Carrier",
    "DialogManager",
    "DialogStatistics",
    "PhoneUsers",
    "PresenceSide",
    "Pump",
    "PumpStatistics",
    "Registering",
    "RegistrarMachine",
    "RegistrarSide",
    "Requesting",
    "Service",
    "SipMachine",
    "Watched",
    "admission_config",
    "agent_config",
    "bind_all",
    "callee_speaks_six",
    "caller_host",
    "caller_speaks_six",
    "families_of",
    "inbound_authentication",
    "own_account",
    "phone_authentication",
    "presence_settings",
    "reachable_host",
    "registrar_service",
    "registrar_settings",
    "way_speaks_six",
]
