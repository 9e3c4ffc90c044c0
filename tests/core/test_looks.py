"""Close looks: histograms that count right, pictures that fit and keep their values."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torch import nn

from inspector.core.histograms import BINS, histogram_of
from inspector.core.looks import look_at, look_at_stored
from inspector.core.pictures import LARGEST_BYTES, LARGEST_SIDE, picture_of
from inspector.core.statistics import statistics_of
from inspector.records.problem import InspectorError
from inspector.records.tensors import Histogram


def histogram(tensor: torch.Tensor, exact_elements: int = 10**9) -> Histogram:
    found = histogram_of(tensor, statistics_of(tensor), exact_elements)
    assert found is not None
    assert len(found.edges) == len(found.counts) + 1
    assert (np.diff(found.edges) > 0).all()
    return found


def test_that_a_histogram_counts_as_numpy_does() -> None:
    tensor = torch.randn(300_001, generator=torch.Generator().manual_seed(0))
    found = histogram(tensor)
    counts, edges = np.histogram(tensor.double().numpy(), BINS)
    assert found.counts.tolist() == counts.tolist()
    assert found.edges == pytest.approx(edges)
    assert found.sampled == 0


@settings(max_examples=150, deadline=None)
@given(arrays.arrays(np.float64, st.integers(1, 60), elements=st.floats(allow_nan=True, allow_infinity=True)))
def test_that_every_finite_value_is_counted_once(array: np.ndarray) -> None:
    tensor = torch.from_numpy(array)
    found = histogram_of(tensor, statistics_of(tensor))
    finite = int(np.isfinite(array).sum())
    assert (found is None) == (finite == 0)
    if found is not None:
        assert found.counts.sum() == finite
        assert found.counts.dtype == found.edges.dtype == np.float64
        assert np.isfinite(found.edges).all()


@pytest.mark.parametrize(
    "tensor",
    [
        torch.zeros(10),
        torch.full((10,), 1e38),
        torch.tensor([3e38, -3e38]),
        torch.tensor([1e-45, 0.0]),
        torch.tensor([1.0, 1.0 + 1e-7]),
        torch.full((3,), 1.7976931348623157e308, dtype=torch.float64),
        torch.tensor([2**62, -(2**62)]),
        torch.ones(5, dtype=torch.complex64),
    ],
    ids=lambda tensor: str(tensor.tolist()[:2]),
)
def test_that_constants_and_huge_ranges_have_histograms(tensor: torch.Tensor) -> None:
    assert histogram(tensor).counts.sum() == tensor.numel()


def test_that_whole_numbers_have_a_bin_each() -> None:
    found = histogram(torch.tensor([3, 3, 5, 1, 1, 1]))
    assert found.counts.tolist() == [3, 0, 2, 0, 1]
    assert found.edges.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert histogram(torch.tensor([True, False, True])).counts.tolist() == [1, 2]
    assert len(histogram(torch.arange(1000)).counts) == BINS


@pytest.mark.parametrize("shape", [(1_000_000,), (16, 62_500), (1000, 16, 64)])
def test_that_a_sample_says_so_and_has_the_shape_of_the_whole(shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(0)
    columns = torch.linspace(0.1, 3.0, shape[-1])
    tensor = torch.randn(shape, generator=generator) * columns
    sample, whole = histogram(tensor, 50_000), histogram(tensor)
    assert 40_000 < sample.sampled < 60_000
    assert sample.counts.sum() == sample.sampled
    distance = np.abs(sample.counts.cumsum() / sample.counts.sum() - whole.counts.cumsum() / whole.counts.sum())
    assert distance.max() < 0.02


def test_that_a_sample_of_scattered_memory_is_one_too() -> None:
    tensor = torch.randn(600, 1000, generator=torch.Generator().manual_seed(0))[:, ::3]
    assert histogram(tensor, 10_000).counts.sum() == histogram(tensor, 10_000).sampled


def test_that_sparse_and_expanded_tensors_count_all_their_elements() -> None:
    assert histogram(torch.eye(10).to_sparse()).counts[0] == 90
    assert histogram(torch.arange(3.0)[:, None].expand(3, 50)).counts.sum() == 150


@pytest.mark.parametrize(
    ("shape", "is_weight", "kind", "size", "note"),
    [
        ((), False, "vector", (1, 1), ""),
        ((7,), False, "vector", (1, 7), ""),
        ((1, 7), False, "vector", (1, 7), ""),
        ((4, 7), False, "matrix", (4, 7), ""),
        ((4, 7, 9), False, "matrix", (7, 9), "item 1 of 4"),
        ((1, 3, 8, 9), False, "maps", (3, 8, 9), ""),
        ((2, 100, 8, 9), False, "maps", (64, 8, 9), "item 1 of 2, first 64 of 100 maps"),
        ((2, 5, 6, 8, 9), False, "maps", (5, 8, 9), "item 1 of 2, slice 4 of 6"),
        ((5000,), True, "vector", (1, 1667), "every 3rd value"),
        ((300, 40), True, "matrix", (300, 40), ""),
        ((5000, 4), True, "matrix", (1667, 4), "every 3rd row"),
        ((16, 3, 5, 5), True, "maps", (48, 5, 5), ""),
        ((16, 8, 3, 3), True, "maps", (64, 3, 3), "first 64 of 128 maps"),
        ((6, 4, 3), True, "maps", (6, 4, 3), ""),
    ],
)
def test_that_shapes_become_pictures(
    shape: tuple[int, ...], is_weight: bool, kind: str, size: tuple[int, ...], note: str
) -> None:
    picture = picture_of(torch.randn(shape), is_weight)
    assert picture is not None
    assert (picture.kind, picture.values.shape, picture.note) == (kind, size, note)
    assert picture.values.dtype == np.float32


@pytest.mark.parametrize("shape", [(1, 64, 300, 300), (3000, 3000), (1, 3000), (2, 10, 50_000), (1, 64, 7, 7)])
@pytest.mark.parametrize("largest", [4096, 256 * 1024, LARGEST_BYTES])
def test_that_a_picture_fits(shape: tuple[int, ...], largest: int) -> None:
    picture = picture_of(torch.randn(shape), False, largest)
    assert picture is not None
    assert 0 < picture.values.nbytes <= largest
    assert max(picture.values.shape[-2:]) <= LARGEST_SIDE


def test_that_a_picture_holds_the_values_themselves() -> None:
    tensor = torch.randn(2, 3, 4, 5)
    tensor[0, 1, 2, 3] = math.nan
    picture = picture_of(tensor)
    assert picture is not None
    assert np.array_equal(picture.values, tensor[0].numpy(), equal_nan=True)
    tensor.zero_()
    assert np.abs(np.nan_to_num(picture.values)).sum() > 0, "a picture must not share the tensor's memory"


def test_that_a_picture_of_a_small_view_does_not_keep_the_whole() -> None:
    picture = picture_of(torch.randn(1, 3, 2000, 2000)[:, :1, :4, :4])
    assert picture is not None
    assert picture.values.base is None


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    ("tensor", "kind"),
    [
        (torch.zeros(4, 4), "matrix"),
        (torch.full((4, 4), math.nan), "matrix"),
        (torch.tensor([1e300, -1e300], dtype=torch.float64), "vector"),
        (torch.arange(12).reshape(3, 4), "matrix"),
        (torch.ones(3, 4, dtype=torch.bool), "matrix"),
        (torch.ones(3, 4, dtype=torch.complex64), "matrix"),
        (torch.ones(3, 4, dtype=torch.float8_e4m3fn), "matrix"),
        (torch.ones(3, 4, dtype=torch.bfloat16), "matrix"),
        (torch.eye(4).to_sparse(), "matrix"),
        (torch.ones(3, 1).expand(3, 40), "matrix"),
        (torch.empty(0, 4), None),
        (torch.empty(3, 4, device="meta"), None),
    ],
    ids=lambda each: f"{each.dtype} {tuple(each.shape)}" if isinstance(each, torch.Tensor) else "",
)
def test_that_every_kind_of_tensor_can_be_looked_at(tensor: torch.Tensor, kind: str | None) -> None:
    look = look_at(tensor, "layer", path="[0]", step=3, paths=("[0]",))
    assert (look.picture.kind if look.picture else None) == kind
    assert look.shape == tuple(tensor.shape)
    assert look.dtype == str(tensor.dtype)[6:]
    assert look.bytes == tensor.numel() * tensor.element_size()
    assert (look.subject, look.path, look.step, look.paths) == ("layer", "[0]", 3, ("[0]",))


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_that_a_nested_tensor_shows_its_first_part() -> None:
    look = look_at(torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(4, 3)]), "layer")
    assert look.shape == (2, -1, 3)
    assert look.picture is not None
    assert look.picture.note == "first of 2 nested tensors"


def test_that_stored_tensors_are_found_by_name() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.LazyLinear(3))
    weight = look_at_stored(model, "0.weight")
    assert (weight.call, weight.shape) == (-1, (4, 3, 3, 3))
    assert weight.picture is not None
    assert weight.picture.kind == "maps"
    assert look_at_stored(model, "1.running_var").statistics == statistics_of(torch.ones(4))
    for name, problem in (
        ("0.missing", "look.missing"),
        ("9.weight", "look.missing"),
        ("2.weight", "look.uninitialised"),
    ):
        with pytest.raises(InspectorError) as raised:
            look_at_stored(model, name)
        assert raised.value.problem.id == problem
