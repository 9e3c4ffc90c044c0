"""Runs one way of reading a checkpoint in a process of its own: `python -m tests.benchmarks.checkpoint_ways WAY FILE`.

Prints JSON: processor seconds without imports, and how many KiB more memory the way took at its peak than before it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable


def ours_list(path: str) -> Callable[[], int]:
    """Our rows: what the window gets."""
    from inspector.core.checkpoint import open_checkpoint

    def way() -> int:
        with open_checkpoint(path) as checkpoint:
            return len(checkpoint.opened().table.names)

    return way


def torch_list(path: str) -> Callable[[], int]:
    """torch, mapped, restricted, as its documentation advises; then name, shape and dtype of each tensor."""
    import torch

    def way() -> int:
        # the old format cannot be mapped
        mapped = not path.endswith("legacy.pt")
        state = torch.load(path, map_location="cpu", mmap=mapped, weights_only=True)
        return len([(name, tuple(tensor.shape), str(tensor.dtype)) for name, tensor in state.items()])

    return way


def safetensors_list(path: str) -> Callable[[], int]:
    """safetensors' own reader; then name, shape and dtype of each tensor."""
    import torch  # noqa: F401
    from safetensors import safe_open

    def way() -> int:
        with safe_open(path, "pt") as file:
            rows = []
            for name in file.keys():  # noqa: SIM118 (it is no dictionary)
                part = file.get_slice(name)
                rows.append((name, part.get_shape(), part.get_dtype()))
            return len(rows)

    return way


def ours_statistics(path: str) -> Callable[[], int]:
    """Statistics and small histogram of every tensor."""
    from inspector.core.checkpoint import open_checkpoint

    def way() -> int:
        with open_checkpoint(path) as checkpoint:
            return len(list(checkpoint.statistics_all()))

    return way


def ours_look(path: str) -> Callable[[], int]:
    """Exact statistics and the whole histogram of the first tensor."""
    from inspector.core.checkpoint import open_checkpoint

    checkpoint = open_checkpoint(path)

    def way() -> int:
        return checkpoint.statistics(0).statistics.numel

    return way


def naive_statistics(path: str) -> Callable[[], int]:
    """What everybody writes, one thread, the file's pages in memory."""
    import torch

    torch.set_num_threads(1)
    state = torch.load(path, map_location="cpu", mmap=True, weights_only=True)

    def way() -> int:
        for tensor in state.values():
            _naive(tensor)
        return len(state)

    return way


def naive_look(path: str) -> Callable[[], int]:
    """The same of the first tensor."""
    import torch

    torch.set_num_threads(1)
    first = next(iter(torch.load(path, map_location="cpu", mmap=True, weights_only=True).values()))

    def way() -> int:
        _naive(first)
        return first.numel()

    return way


def _naive(tensor: object) -> tuple[object, ...]:
    import torch

    assert isinstance(tensor, torch.Tensor)
    values = tensor.float()
    finite = values[torch.isfinite(values)]
    return (
        torch.isnan(values).sum().item(),
        torch.isinf(values).sum().item(),
        (values == 0).sum().item(),
        finite.min().item(),
        finite.max().item(),
        finite.mean().item(),
        finite.std(correction=0).item(),
        torch.histc(finite, 64).tolist(),
    )


def peak_kib() -> int:
    """Most memory this process had so far."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))


def main(name: str, path: str, times: int) -> None:
    """Run a way and print what it took."""
    way = globals()[name](path)
    before = peak_kib()
    seconds = []
    for _ in range(times):
        began = time.process_time()
        way()
        seconds.append(time.process_time() - began)
    seconds.sort()
    print(json.dumps({"seconds": seconds[len(seconds) // 2], "kib": peak_kib() - before}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
