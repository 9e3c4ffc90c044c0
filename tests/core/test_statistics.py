"""Statistics equal plain torch in float64, for whatever tensor."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inspector.core.batch import StatisticsBatch
from inspector.core.moments import Moments, statistics_from
from inspector.core.statistics import device_row, moments_of_row, statistics_of
from inspector.records.tensors import Statistics
from tests.core.oracle import plain_statistics

FLOAT8 = [torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu]
FLOATS = [torch.float64, torch.float32, torch.float16, torch.bfloat16, *FLOAT8]
WHOLE = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.bool]


def told(statistics: Statistics) -> list[float]:
    each = statistics
    return [each.mean, each.std, each.min, each.max, each.nan, each.inf, each.zeros]


def assert_equal(statistics: Statistics, tensor: torch.Tensor, rel: float) -> None:
    expected = plain_statistics(tensor)
    scale = max(abs(expected[2]), abs(expected[3])) if math.isfinite(expected[2]) else 0.0
    assert told(statistics)[:2] == pytest.approx(expected[:2], rel=rel, abs=rel * scale * 0.1, nan_ok=True)
    assert told(statistics)[2:] == pytest.approx(expected[2:], rel=0, abs=0, nan_ok=True)
    assert statistics.numel == tensor.numel()
    assert not statistics.sampled


@pytest.mark.parametrize("dtype", FLOATS + WHOLE, ids=str)
@pytest.mark.parametrize("shape", [(), (1,), (7, 3), (3, 5, 2, 4), (70_001,), (0, 3)], ids=str)
def test_that_statistics_equal_torch_in_float64(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(0)
    tensor = (torch.randn(shape, generator=generator) * 3).to(torch.float32).abs_().add_(0.5).to(dtype)
    if dtype is torch.float32:
        tensor = tensor - 2
    assert_equal(statistics_of(tensor), tensor, 1e-12)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16], ids=str)
def test_that_nan_and_infinities_are_counted_and_left_out(dtype: torch.dtype) -> None:
    tensor = torch.tensor([1.0, math.nan, -2.0, math.inf, -math.inf, 0.0, -0.0, math.nan], dtype=dtype)
    found = statistics_of(tensor)
    assert (found.nan, found.inf, found.zeros, found.numel) == (2, 2, 2, 8)
    assert_equal(found, tensor, 1e-12)


@pytest.mark.parametrize("empty", [torch.empty(0), torch.full((3,), math.nan), torch.full((2, 2), -math.inf)])
def test_that_without_finite_elements_moments_are_nan(empty: torch.Tensor) -> None:
    found = statistics_of(empty)
    assert all(math.isnan(each) for each in (found.mean, found.std, found.min, found.max))
    assert found.nan + found.inf == found.numel == empty.numel()


def test_that_views_of_every_kind_count_their_own_elements() -> None:
    base = torch.randn(6, 8, 10, generator=torch.Generator().manual_seed(1))
    channels_last = base[None].contiguous(memory_format=torch.channels_last)
    views = [base.mT, base[:, ::2], base[1:4, :, 3], base.permute(2, 0, 1), base[:1].expand(5, 8, 10), channels_last]
    views += [
        base[:, :1].expand(-1, 3, -1),
        base[0, 0, 0].expand(4, 4),
        torch.view_as_complex(base[..., :2]).conj().imag,
    ]
    for view in views:
        assert_equal(statistics_of(view), view, 1e-12)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_that_sparse_tensors_count_the_zeros_they_do_not_store() -> None:
    dense = torch.relu(torch.randn(6, 8, generator=torch.Generator().manual_seed(1)))
    blocked = dense.to_sparse_bsr((2, 2))
    for sparse in (dense.to_sparse(), dense.to_sparse_csr(), dense.to_sparse_csc(), blocked, dense.to_mkldnn()):
        assert_equal(statistics_of(sparse), dense, 1e-12)
    doubled = torch.sparse_coo_tensor([[0, 0, 2]], [1.0, 2.0, -1.0], (4,))
    assert_equal(statistics_of(doubled), doubled.to_dense(), 1e-12)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_that_nested_quantised_and_complex_tensors_are_described() -> None:
    parts = [torch.randn(2, 3), torch.randn(4, 3)]
    whole = torch.cat(parts)
    for layout in (torch.strided, torch.jagged):
        assert told(statistics_of(torch.nested.nested_tensor(parts, layout=layout))) == pytest.approx(
            plain_statistics(whole)
        )
    quantised = torch.quantize_per_tensor(whole, 0.1, 3, torch.quint8)
    assert_equal(statistics_of(quantised), quantised, 1e-7)
    complex_numbers = torch.randn(5, dtype=torch.complex64)
    assert_equal(statistics_of(complex_numbers), complex_numbers, 1e-6)


def test_that_a_tensor_without_values_gives_its_size_alone() -> None:
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        fake = torch.ones(3, 4)
    for hollow in (fake, torch.ones(3, 4, device="meta")):
        found = statistics_of(hollow)
        assert math.isnan(found.mean)
        assert (found.nan, found.numel) == (0, 12)


@pytest.mark.parametrize(
    ("values", "std"),
    [([1e300, -1e300], 1e300), ([1e-300, -1e-300], 1e-300), ([1.7e308, 1.7e308], 0.0), ([3e38, -3e38], 3e38)],
)
def test_that_numbers_at_the_ends_of_the_range_have_a_spread(values: list[float], std: float) -> None:
    assert statistics_of(torch.tensor(values, dtype=torch.float64)).std == pytest.approx(std)


def test_that_a_constant_has_no_spread() -> None:
    for value in (0.1, 1e30, -7.3):
        found = statistics_of(torch.full((100_003,), value))
        assert found.std == 0.0
        assert found.mean == found.min == found.max


def test_that_a_tensor_is_not_altered_and_needs_no_gradient() -> None:
    tensor = torch.randn(5, requires_grad=True)
    before, version = tensor.detach().clone(), tensor._version
    statistics_of(tensor)
    StatisticsBatch().add(tensor)
    assert torch.equal(tensor, before)
    assert (tensor._version, tensor.grad_fn, tensor.requires_grad) == (version, None, True)


floats = st.floats(width=32, allow_nan=True, allow_infinity=True)
tensors = arrays.arrays(np.float32, arrays.array_shapes(max_dims=3, max_side=12), elements=floats)


@settings(max_examples=150, deadline=None)
@given(tensors)
def test_that_any_numbers_have_the_statistics_that_torch_says(array: np.ndarray) -> None:
    tensor = torch.from_numpy(array)
    assert_equal(statistics_of(tensor), tensor, 1e-9)


@settings(max_examples=150, deadline=None)
@given(tensors, st.booleans())
def test_that_the_statistics_taken_in_hooks_agree(array: np.ndarray, transposed: bool) -> None:
    tensor = torch.from_numpy(array).mT if transposed and array.ndim > 1 else torch.from_numpy(array)
    batch = StatisticsBatch()
    row = batch.row(batch.add(tensor))
    assert_equal(statistics_from(row), tensor, 2e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-1e4, 1e4),
    st.floats(1e-3, 1e3),
    st.sampled_from([1, 5, 4096, 4097, 65_536, 65_537, 200_001]),
    st.integers(),
)
def test_that_a_large_mean_does_not_swallow_the_spread(mean: float, std: float, size: int, seed: int) -> None:
    numbers = np.random.default_rng(abs(seed)).normal(mean, std, size).astype(np.float32)
    batch = StatisticsBatch()
    found = statistics_from(batch.row(batch.add(torch.from_numpy(numbers))))
    exact = numbers.astype(np.float64)
    assert found.std == pytest.approx(exact.std(), rel=2e-5, abs=1e-12)
    assert found.mean == pytest.approx(exact.mean(), rel=1e-5, abs=1e-5 * exact.std() + 1e-12)
    assert (found.min, found.max) == (exact.min(), exact.max())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64, torch.int32, torch.bool], ids=str)
@pytest.mark.parametrize("most_widened", [100, 10**6])
def test_that_other_dtypes_agree_in_hooks(
    dtype: torch.dtype, most_widened: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inspector.core.batch.MOST_WIDENED", most_widened)
    tensor = (torch.randn(300, 40, generator=torch.Generator().manual_seed(0)) * 3 + 1).to(dtype)
    batch = StatisticsBatch()
    for each in (tensor, tensor.T, tensor[::3]):
        assert_equal(statistics_from(batch.row(batch.add(each))), each, 2e-6)


def test_that_the_spread_about_a_thousand_is_there() -> None:
    tensor = torch.randn(50_000, generator=torch.Generator().manual_seed(0)) + 1000
    batch = StatisticsBatch()
    assert batch.row(batch.add(tensor))[1] == pytest.approx(float(tensor.double().std(correction=0)), rel=1e-6)


def test_that_the_reduction_for_accelerators_gives_the_same() -> None:
    tensor = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    tensor[3], tensor[5], tensor[7] = math.nan, math.inf, 0.0
    moments = Moments()
    for block in tensor.split(300):
        moments.merge(moments_of_row(device_row(block).tolist()))
    assert_equal(moments.statistics(), tensor, 1e-10)
    nothing = Moments()
    nothing.merge(moments_of_row(device_row(torch.full((4,), math.nan)).tolist()))
    assert nothing.statistics().nan == 4


def test_that_an_accelerators_rows_are_read_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    from inspector.core import batch as module

    monkeypatch.setattr(module, "_cpu_row", lambda tensor: None)
    monkeypatch.setattr(module, "reduces_on_device", lambda tensor: True)
    batch = StatisticsBatch()
    given = [
        torch.randn(4, 5),
        torch.zeros(0),
        torch.ones(3).expand(2, 3),
        torch.randn(7) + 3,
        torch.eye(3).to_sparse(),
    ]
    slots = [batch.add(tensor) for tensor in given]
    matrix = batch.matrix()
    for slot, tensor in zip(slots, given, strict=True):
        assert_equal(statistics_from(tuple(matrix[slot].tolist())), tensor, 1e-10)


def test_that_a_tensor_seen_a_moment_ago_is_not_reduced_again() -> None:
    batch = StatisticsBatch()
    tensor = torch.randn(3)
    assert batch.add(tensor) == batch.add(tensor) == 0
    tensor.add_(1)
    assert batch.add(tensor) == 1
    with torch.inference_mode():
        uncounted = torch.randn(3)
        first = batch.add(uncounted)
        uncounted.zero_()
        assert batch.row(batch.add(uncounted))[6] == 3
        assert batch.row(first)[6] == 0


def test_that_another_tensor_at_the_same_address_is_not_mistaken() -> None:
    batch = StatisticsBatch()
    rows = [batch.row(batch.add(torch.full((4,), float(value))))[0] for value in range(20)]
    assert rows == [float(value) for value in range(20)]
