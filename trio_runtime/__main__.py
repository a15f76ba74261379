"""``python -m trio_runtime VERB``: see `trio_runtime.cli`."""

from __future__ import annotations

import sys

from trio_runtime.cli import main

if __name__ == "__main__":
    sys.exit(main())
