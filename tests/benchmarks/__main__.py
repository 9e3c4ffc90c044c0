"""`python -m tests.benchmarks [WORD …]`: runs every `bench_*.py` here (or those with a word in their name).

Prints a table and writes `bench-results/<name>.json`. A benchmark is a module with `run() -> list[Row]`.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import pkgutil
import platform
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
RESULTS = Path("bench-results")


def main(words: list[str]) -> None:
    """Run what is asked for."""
    found = sorted(each.name for each in pkgutil.iter_modules([str(Path(__file__).parent)]))
    for name in found:
        if name.startswith("bench_") and (not words or any(word in name for word in words)):
            _run(name)


def _run(name: str) -> None:
    module = importlib.import_module(f"tests.benchmarks.{name}")
    print(f"\n{(module.__doc__ or name).strip().splitlines()[0]}")
    rows = module.run()
    width = max(len(row.name) for row in rows)
    for row in rows:
        print(f"  {row.name:<{width}}  {row.ratio:7.3f} ×   {row.ours:12.4g} / {row.alternative:<12.4g} {row.what}")
    RESULTS.mkdir(exist_ok=True)
    result = {
        "benchmark": name.removeprefix("bench_"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
        "rows": [dataclasses.asdict(row) for row in rows],
    }
    (RESULTS / f"{name.removeprefix('bench_')}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
