#!/usr/bin/env python3
"""bench/scale works, with sizes that show nothing: scale_bench_test.py BENCH BUILD."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def main():
    bench, build = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        figures = Path(work) / "figures.json"
        subprocess.run([sys.executable, "-B", Path(bench) / "scale", "--tiny", "--build", build,
                        "--work", work, "--json", figures], check=True)
        parts = json.loads(figures.read_text())["parts"]
        assert list(parts) == ["index", "files", "sparse", "workers", "agents", "book", "catalog"], list(parts)
        assert all(parts.values())
        left = [path.name for path in (Path(work) / "scale").iterdir()]
        assert not left, left


if __name__ == "__main__":
    main()
