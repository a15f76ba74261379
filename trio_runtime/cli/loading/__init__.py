"""Many calls to one address: when each begins, what becomes of it, and the numbers of all."""

from trio_runtime.cli.loading.plan import LoadPlan
from trio_runtime.cli.loading.result import LoadResult, percentiles
from trio_runtime.cli.loading.run import Load

__all__ = ["Load", "LoadPlan", "LoadResult", "percentiles"]
