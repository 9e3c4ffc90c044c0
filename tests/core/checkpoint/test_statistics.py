"""Statistics and histograms against numpy's and torch's own, on every dtype and layout."""

from __future__ import annotations

import math

import numpy as np
import pytest
import safetensors.torch
import torch

from inspector.core.checkpoint import open_checkpoint
from tests.core.checkpoint.conftest import numbers
from tests.core.checkpoint.samples import of_every_dtype, of_every_layout


def expected_of(tensor: torch.Tensor) -> dict[str, float]:
    values = numbers(tensor).reshape(-1)
    wide = np.abs(values).astype(np.float64) if values.dtype.kind == "c" else values.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    known = finite.size > 0
    return {
        "mean": finite.mean() if known else math.nan,
        "std": finite.std() if known else math.nan,
        "min": finite.min() if known else math.nan,
        "max": finite.max() if known else math.nan,
        "nan": int(np.isnan(wide).sum()),
        "inf": int(np.isinf(wide).sum()),
        "zeros": int((wide == 0).sum()),
        "numel": values.size,
    }


def assert_statistics(checkpoint, name: str, tensor: torch.Tensor) -> None:
    found = checkpoint.statistics(name)
    with np.errstate(all="ignore"):
        expected = expected_of(tensor)
    for key, value in expected.items():
        got = getattr(found.statistics, key)
        assert got == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True), (name, key)
    if found.histogram is not None:
        assert found.histogram.counts.sum() == expected["numel"] - expected["nan"] - expected["inf"]
        assert found.histogram.sampled == 0


@pytest.mark.parametrize("name", [*of_every_dtype(), *of_every_layout()])
def test_that_statistics_are_those_of_numpy(saved, name):
    tensor = {**of_every_dtype(), **of_every_layout()}[name]
    assert_statistics(saved({name: tensor}), name, tensor)


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.bfloat16, torch.float16, torch.float64, torch.int16, torch.int64]
)
def test_that_statistics_of_many_blocks_are_exact(saved, dtype):
    torch.manual_seed(0)
    tensor = (torch.randn(1000, 700) * 50).to(dtype)
    if tensor.is_floating_point():
        tensor[3, 5], tensor[999, 1], tensor[500, 0], tensor[1] = math.nan, math.inf, -math.inf, 0
    assert_statistics(saved({"w": tensor}), "w", tensor)


def test_that_a_large_mean_does_not_swallow_the_spread(saved):
    tensor = torch.randn(300_000) + 10_000
    found = saved({"w": tensor}).statistics("w").statistics
    assert found.std == pytest.approx(tensor.double().std(correction=0).item(), rel=1e-9)


def test_that_numbers_at_the_end_of_the_range_do_not_overflow(saved):
    found = saved({"w": torch.full((50_000,), 3e38), "d": torch.full((9,), 1.7e308, dtype=torch.float64)})
    assert found.statistics("w").statistics.mean == pytest.approx(float(np.float32(3e38)))
    assert found.statistics("d").statistics.mean == pytest.approx(1.7e308)
    spread = saved({"d": torch.tensor([-1.7e308, 1.7e308], dtype=torch.float64)}, "spread.pt").statistics("d")
    assert spread.histogram.counts.tolist() == [1, *[0] * 62, 1]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64, torch.uint8, torch.float8_e4m3fn])
@pytest.mark.parametrize("count", [5_000, 200_000])
def test_that_histograms_are_those_of_numpy(saved, dtype, count):
    torch.manual_seed(0)
    tensor = (torch.randn(count) * 10 + 40).to(dtype)
    found = saved({"w": tensor}).statistics("w", bins=20).histogram
    wide = numbers(tensor).astype(np.float64)
    expected, edges = np.histogram(wide, 20)
    np.testing.assert_allclose(found.edges, edges)
    assert np.abs(found.counts - expected).max() <= 1e-3 * count  # a value on an edge may fall to either side
    assert found.counts.sum() == count


def test_that_a_histogram_of_equal_values_has_room(saved):
    found = saved({"w": torch.full((3,), 7.0)}).statistics("w").histogram
    assert found.counts.sum() == 3
    assert found.edges[0] < 7 < found.edges[-1]


def test_that_statistics_of_all_tensors_come_in_order_with_progress(saved):
    tied = torch.randn(100)
    content = {"a": tied, "b": torch.randn(200_000), "m": torch.empty(2, device="meta"), "c": tied}
    checkpoint = saved(content)
    seen: list[tuple[int, int]] = []
    found = list(checkpoint.statistics_all(progress=lambda done, total: seen.append((done, total))))
    assert [one.row for one in found] == [0, 1, 2, 3]
    assert found[3].statistics == found[0].statistics
    assert found[2].statistics is None
    assert "no values" in found[2].problem
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (800_400, 800_400)
    large = found[1].histogram
    assert 0 < large.sampled < 200_000
    assert large.counts.sum() == large.sampled


def test_that_statistics_can_be_cancelled_within_a_tensor_and_keep_what_there_is(saved):
    checkpoint = saved({"a": torch.randn(10), "b": torch.randn(1_000_000), "c": torch.randn(10)})
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 5

    found = list(checkpoint.statistics_all(cancelled=cancelled))
    assert [one.row for one in found] == [0]
    assert found[0].statistics is not None


def test_that_statistics_of_a_distributed_checkpoint_join_its_pieces(tmp_path):
    import warnings

    import torch.distributed.checkpoint as distributed

    tensor = torch.randn(300, 200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        distributed.save({"w": tensor}, checkpoint_id=str(tmp_path / "d"), no_dist=True)
    with open_checkpoint(tmp_path / "d") as checkpoint:
        assert_statistics(checkpoint, "w", tensor)


def test_that_safetensors_of_fifty_thousand_values_agree_with_torch(tmp_path):
    torch.manual_seed(0)
    tensors = {str(dtype): torch.randn(50_000).to(dtype) for dtype in (torch.float16, torch.bfloat16, torch.float32)}
    safetensors.torch.save_file(tensors, tmp_path / "x.safetensors")
    with open_checkpoint(tmp_path / "x.safetensors") as checkpoint:
        for name, tensor in tensors.items():
            found = checkpoint.statistics(name).statistics
            assert found.mean == pytest.approx(tensor.double().mean().item(), abs=1e-12)
            assert found.std == pytest.approx(tensor.double().std(correction=0).item(), rel=1e-12)
