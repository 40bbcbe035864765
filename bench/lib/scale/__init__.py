"""What bench/scale measures. Each part returns its results, lines of a table in the end:

{"what": text, figures…, "bars": [(text, met), …]}
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass
class Place:
    """Where a part works: a folder of its own that it may fill, Coffer's build, and a log."""
    folder: Path
    build: Path
    log: Path


def bar(text, met):
    return {"bar": text, "met": bool(met)}
