"""Write `docs/api.schema.json`: `python docs/generate_api_schema.py`."""

from __future__ import annotations

import json
from pathlib import Path

from trio_runtime.control import api_schema

TARGET = Path(__file__).with_name("api.schema.json")


def written() -> str:
    """Return the file as it should be."""
    return json.dumps(api_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(written(), encoding="utf-8")
