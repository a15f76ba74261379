"""The reg package: what a registrar tells of registrations (RFC 3680)."""

from .info import (
    ContactEvent,
    RegInfo,
    RegInfoTable,
    RegisteredAddress,
    RegisteredContact,
    RegistrationProgress,
)
from .state import RegInfoState
from .xml import REG_INFO_TYPE, build_reg_info, parse_reg_info

__all__ = [
    "REG_INFO_TYPE",
    "ContactEvent",
    "RegInfo",
    "RegInfoState",
    "RegInfoTable",
    "RegisteredAddress",
    "RegisteredContact",
    "RegistrationProgress",
    "build_reg_info",
    "parse_reg_info",
]
