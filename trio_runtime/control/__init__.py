"""Control by WebSocket: programs in any language drive the calls of a coordinator."""

from trio_runtime.control.config import ApiConfig
from trio_runtime.control.counts import ApiStatistics
from trio_runtime.control.opening import open_api
from trio_runtime.control.schema import api_schema
from trio_runtime.control.server import ApiServer

__all__ = ["ApiConfig", "ApiServer", "ApiStatistics", "api_schema", "open_api"]
