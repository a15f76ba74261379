"""What an application imports, gathered in one place."""

from trio_runtime.api.environment import kernel_environment
from trio_runtime.api.open import open_client, open_coordinator, open_registrar, open_server
from trio_runtime.api.open_b2bua import open_b2bua
from trio_runtime.api.open_proxy import open_proxy
from trio_runtime.control import open_api

__all__ = [
    "kernel_environment",
    "open_api",
    "open_b2bua",
    "open_client",
    "open_coordinator",
    "open_proxy",
    "open_registrar",
    "open_server",
]
