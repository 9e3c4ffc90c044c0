"""How soon is a checkpoint listed and measured, and in how much memory? Beside torch, safetensors and the naive way.

Files are generated (up to 1.1 GB, one at a time, deleted after use), their pages in memory. Processor seconds; each way
runs in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import safetensors.torch
import torch

from tests.benchmarks.rows import Row

ROOT = Path(__file__).resolve().parents[2]
#: Width and vocabulary of the language model that the large files hold.
WIDTH, WORDS = 1024, 50_000
SMALL_TENSORS = 50_000
LOOKED_AT = 6_291_456


def run() -> list[Row]:
    """All cases; each file is written, read in every way, and deleted."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="inspector-bench-") as folder:
        return [*_large(Path(folder)), *_small(Path(folder)), *_one_tensor(Path(folder))]


def _large(folder: Path) -> Iterator[Row]:
    """A file of 1.1 GB."""
    with _written(folder / "large.pt", lambda path: torch.save(_language_model(torch.bfloat16, 33), path)) as path:
        yield from _listing("1.1 GB bf16 .pt, tree", path, "torch_list", "torch.load(mmap, weights_only)")
        yield _statistics("1.1 GB bf16 .pt, statistics of all", path)
    save = safetensors.torch.save_file
    with _written(folder / "l.safetensors", lambda path: save(_language_model(torch.bfloat16, 33), path)) as path:
        yield from _listing("1.1 GB bf16 safetensors, tree", path, "safetensors_list", "safetensors.safe_open")
    with _written(folder / "large32.pt", lambda path: torch.save(_language_model(torch.float32, 13), path)) as path:
        yield _statistics("1.1 GB fp32 .pt, statistics of all", path)


def _small(folder: Path) -> Iterator[Row]:
    """50 000 tensors of 16 elements."""
    state = {
        f"model.layers.{n // 10}.block.attention{n % 10}.weight": torch.full((16,), float(n))
        for n in range(SMALL_TENSORS)
    }
    with _written(folder / "small.pt", lambda path: torch.save(state, path)) as path:
        yield from _listing("50 000 tensors .pt, rows", path, "torch_list", "torch.load(mmap, weights_only)", 3)
    with _written(
        folder / "legacy.pt", lambda path: torch.save(state, path, _use_new_zipfile_serialization=False)
    ) as path:
        yield from _listing(
            "50 000 tensors, format before 1.6, rows", path, "torch_list", "torch.load(weights_only)", 3
        )
    with _written(folder / "small.safetensors", lambda path: safetensors.torch.save_file(state, path)) as path:
        yield from _listing("50 000 tensors safetensors, rows", path, "safetensors_list", "safetensors.safe_open", 3)


def _one_tensor(folder: Path) -> Iterator[Row]:
    """One tensor of 6 million elements, looked at closely."""
    values = torch.randn(LOOKED_AT // 1024, 1024)
    for name, dtype in (("bf16", torch.bfloat16), ("fp32", torch.float32)):
        with _written(folder / "one.pt", lambda path, dtype=dtype: torch.save({"w": values.to(dtype)}, path)) as path:
            ours, naive = _way("ours_look", path, 5), _way("naive_look", path, 3)
            what = "s for statistics and whole histogram, ours / torch's functions"
            yield _row(f"{LOOKED_AT:,} elements {name}, looked at", ours["seconds"], naive["seconds"], what)


def _listing(name: str, path: Path, other: str, words: str, times: int = 5) -> Iterator[Row]:
    ours, theirs = _way("ours_list", path, times), _way(other, path, times)
    yield _row(
        name, ours["seconds"], theirs["seconds"], f"s to every name, shape and dtype, ours / {words}, without imports"
    )
    yield _row(f"{name}, with Python's start", _started("ours_list", path), _started(other, path), f"s, ours / {words}")
    yield _row(
        f"{name}, memory", ours["kib"] / 1024, max(theirs["kib"], 1) / 1024, f"MiB more at the peak, ours / {words}"
    )


def _statistics(name: str, path: Path) -> Row:
    ours, naive = _way("ours_statistics", path, 3), _way("naive_statistics", path, 1)
    return _row(
        name, ours["seconds"], naive["seconds"], "s for all tensors, ours / torch's functions one after another"
    )


def _row(name: str, ours: float, other: float, what: str) -> Row:
    return Row(name, ours, other, ours / other, what)


def _way(name: str, path: Path, times: int) -> dict[str, float]:
    """Processor seconds and KiB of one way in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.checkpoint_ways", name, str(path), str(times)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=_environment())
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _started(name: str, path: Path) -> float:
    """Processor seconds of the whole process, Python's start and all imports with it."""
    command = [sys.executable, "-m", "tests.benchmarks.checkpoint_ways", name, str(path), "1"]
    before = os.times()
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True, env=_environment())
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}


@contextmanager
def _written(path: Path, write: Callable[[Path], object]) -> Iterator[Path]:
    """A file that is there, its pages in memory, as long as it is measured."""
    write(path)
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 24):
            pass
    try:
        yield path
    finally:
        path.unlink()


def _language_model(dtype: torch.dtype, layers: int) -> dict[str, torch.Tensor]:
    """A state dict as of a language model; 33 layers have 0.55 billion elements."""
    chance = torch.Generator().manual_seed(0)

    def values(*shape: int) -> torch.Tensor:
        return (torch.randn(shape, generator=chance) * 0.02).to(dtype)

    state, wide = {"model.embed_tokens.weight": values(WORDS, WIDTH)}, 3 * WIDTH
    for layer in range(layers):
        prefix = f"model.layers.{layer}"
        for part in ("q", "k", "v", "o"):
            state[f"{prefix}.self_attn.{part}_proj.weight"] = values(WIDTH, WIDTH)
            state[f"{prefix}.self_attn.{part}_proj.bias"] = values(WIDTH)
        for part, shape in (("gate", (wide, WIDTH)), ("up", (wide, WIDTH)), ("down", (WIDTH, wide))):
            state[f"{prefix}.mlp.{part}_proj.weight"] = values(*shape)
        state[f"{prefix}.input_layernorm.weight"] = 1 + values(WIDTH)
        state[f"{prefix}.post_attention_layernorm.weight"] = 1 + values(WIDTH)
    state["model.norm.weight"] = 1 + values(WIDTH)
    state["lm_head.weight"] = values(WORDS, WIDTH)
    return state
