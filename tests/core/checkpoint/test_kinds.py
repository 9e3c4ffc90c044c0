"""Tensors that are not simply dense: sparse, quantised, nested, meta, subclasses; ties and views."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from inspector.core.checkpoint import Checkpoint
from inspector.records.problem import InspectorError
from tests.core.checkpoint.conftest import assert_same_values

pytestmark = pytest.mark.filterwarnings("ignore")


def parts(checkpoint: Checkpoint) -> list[tuple[str, int]]:
    return [(entry.name, entry.part_of) for entry in checkpoint.tensors]


@pytest.mark.parametrize("layout", [torch.sparse_coo, torch.sparse_csr, torch.sparse_csc])
def test_that_a_sparse_tensor_shows_its_values_in_their_places(saved, layout):
    torch.manual_seed(0)
    dense = torch.randn(6, 7) * (torch.rand(6, 7) > 0.6)
    checkpoint = saved({"w": dense.to_sparse(layout=layout)})
    entry = checkpoint.entry("w")
    assert entry.shape == (6, 7)
    assert entry.kind.startswith("sparse")
    np.testing.assert_array_equal(checkpoint.read_values("w"), dense.numpy())
    np.testing.assert_array_equal(checkpoint.read_values("w", slice(2, 5), slice(3, 4)), dense[2:5, 3:4].numpy())
    stored = checkpoint.statistics("w")
    assert stored.statistics.numel == int((dense != 0).sum())
    assert "stored values" in stored.note


def test_that_a_sparse_tensor_with_dense_dimensions_shows_its_values(saved):
    dense = torch.zeros(4, 3, 2)
    dense[1], dense[3] = 1.5, torch.arange(6.0).reshape(3, 2)
    checkpoint = saved({"w": dense.to_sparse(1)})
    np.testing.assert_array_equal(checkpoint.read_values("w"), dense.numpy())


def test_that_the_parts_of_a_sparse_tensor_have_rows_of_their_own(saved):
    checkpoint = saved({"first": torch.ones(1), "w": torch.eye(3).to_sparse(), "last": torch.ones(1)})
    assert parts(checkpoint) == [("first", -1), ("w", -1), ("w.indices", 1), ("w.values", 1), ("last", -1)]
    assert checkpoint.opened().info.tensors == 3
    assert checkpoint.entry("w").bytes == checkpoint.entry("w.indices").bytes + checkpoint.entry("w.values").bytes


def test_that_a_sparse_index_out_of_bounds_is_told_and_not_followed(tmp_path, saved):
    # torch loads this, and to_dense() ends the process
    bad = torch.sparse_coo_tensor(torch.tensor([[0, 1]]), torch.ones(2), (2,), check_invariants=False)
    bad._indices()[0, 1] = 2**40
    checkpoint = saved({"w": bad})
    with pytest.raises(InspectorError, match="outside the tensor"):
        checkpoint.read_values("w")
    assert checkpoint.statistics("w").statistics.numel == 2


def test_that_quantised_tensors_give_the_numbers_that_they_stand_for(saved):
    torch.manual_seed(0)
    plain = torch.randn(5, 40)
    per_tensor = torch.quantize_per_tensor(plain, 0.1, 3, torch.qint8)
    scales, zeros = torch.rand(5).double() * 0.1 + 0.05, torch.tensor([0, 3, -2, 7, 1])
    per_channel = torch.quantize_per_channel(plain, scales, zeros, 0, torch.qint8)
    wide = torch.quantize_per_tensor(plain, 0.01, 0, torch.qint32)
    checkpoint = saved({"t": per_tensor, "c": per_channel, "w": wide, "v": per_tensor[2:4]})
    for name, tensor in (("t", per_tensor), ("c", per_channel), ("w", wide), ("v", per_tensor[2:4])):
        expected = tensor.dequantize().numpy()
        assert checkpoint.entry(name).kind == "quantised"
        np.testing.assert_allclose(checkpoint.read_values(name), expected, atol=1e-6)
        found = checkpoint.statistics(name).statistics
        assert found.mean == pytest.approx(expected.mean(dtype=np.float64), abs=1e-6)
        assert found.max == pytest.approx(expected.max(), abs=1e-6)
    np.testing.assert_allclose(
        checkpoint.read_values("c", slice(2, 4)), per_channel.dequantize()[2:4].numpy(), atol=1e-6
    )
    assert "scale 0.1, zero point 3" in checkpoint.entry("t").notes
    assert ("c.scales", 1) in parts(checkpoint)


def test_that_nested_tensors_are_listed_with_their_parts(saved):
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
    checkpoint = saved({"n": nested})
    assert checkpoint.entry("n").kind == "nested"
    assert "nested: 2 tensors" in checkpoint.entry("n").notes[0]
    np.testing.assert_array_equal(checkpoint.read_values("n.values"), np.ones(5))


def test_that_jagged_tensors_show_their_inner_tensors(saved):
    checkpoint = saved({"n": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged)})
    assert checkpoint.entry("n").kind == "subclass"
    np.testing.assert_array_equal(checkpoint.read_values("n.values"), np.ones(5))


def test_that_a_meta_tensor_says_that_the_file_has_no_data(saved):
    checkpoint = saved({"m": torch.empty(3, 4, device="meta")})
    entry = checkpoint.entry("m")
    assert (entry.kind, entry.shape, entry.bytes) == ("meta", (3, 4), 0)
    assert "no data in file" in entry.notes
    with pytest.raises(InspectorError, match="no values"):
        checkpoint.read("m")


def test_that_parameters_are_told_from_tensors(saved):
    checkpoint = saved({"p": torch.nn.Parameter(torch.ones(2)), "t": torch.ones(2)})
    assert [entry.parameter for entry in checkpoint.tensors] == [True, False]
    assert_same_values(checkpoint, "p", torch.ones(2))


def test_that_a_storage_on_its_own_is_listed(saved):
    checkpoint = saved({"s": torch.arange(3.0).untyped_storage()})
    assert checkpoint.entry("s").kind == "storage"
    assert checkpoint.read("s").view("<f4").tolist() == [0, 1, 2]


def test_that_tied_tensors_name_the_first(saved):
    shared = torch.randn(4, 4)
    checkpoint = saved({"embed": shared, "other": torch.ones(1), "head": shared, "row": shared[0]})
    head = checkpoint.entry("head")
    assert head.shared_with == checkpoint.row("embed")
    assert "the same tensor as embed" in head.notes
    assert checkpoint.entry("row").shared_with == -1
    assert "shares storage with embed" in checkpoint.entry("row").notes
    assert checkpoint.opened().info.elements == 16 + 1 + 4


def test_that_a_small_view_of_a_large_storage_says_what_it_keeps(saved):
    checkpoint = saved({"w": torch.randn(1000, 1000)[0, :4]})
    assert any("4 elements keep 3.8 MiB alive" in note for note in checkpoint.entry("w").notes)


def test_that_an_expanded_tensor_counts_what_is_stored(saved):
    checkpoint = saved({"w": torch.tensor([2.0]).expand(2**40)})
    entry = checkpoint.entry("w")
    assert entry.shape == (2**40,)
    assert entry.bytes == 4
    assert "expanded ×2^40" in entry.notes
    found = checkpoint.statistics("w").statistics
    assert (found.mean, found.numel, found.std) == (2.0, 2**40, 0.0)
    assert checkpoint.read("w", 10**9, 3).tolist() == [2, 2, 2]


def test_that_a_distributed_tensor_says_which_shard_it_is(tmp_path):
    import os
    import subprocess
    import sys

    script = """
import os, sys, torch, torch.distributed as distributed
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import Shard, distribute_tensor
distributed.init_process_group("gloo", init_method="file://" + sys.argv[1] + "/meet", rank=0, world_size=1)
tensor = distribute_tensor(torch.arange(32.0).reshape(8, 4), init_device_mesh("cpu", (1,)), [Shard(0)])
torch.save({"d": tensor}, sys.argv[1] + "/d.pt")
"""
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(tmp_path)], check=True, env=os.environ, timeout=100
    )
    from inspector.core.checkpoint import open_checkpoint

    with open_checkpoint(tmp_path / "d.pt") as checkpoint:
        entry = checkpoint.entry("d")
        assert entry.kind == "distributed"
        assert entry.notes == ("DTensor: shard 0 of 1 (local 8 × 4 of 8 × 4)",)
        assert checkpoint.read("d").tolist() == list(range(32))


def test_that_dtypes_without_numbers_are_listed_with_their_bytes(saved):
    checkpoint = saved({"bits": torch.arange(4, dtype=torch.uint8).view(torch.bits8)})
    assert checkpoint.entry("bits").dtype_text == "bits8"
    assert checkpoint.entry("bits").bytes == 4
    with pytest.raises(InspectorError, match="no statistics for bits8"):
        checkpoint.statistics("bits")


def test_that_packed_four_bit_floats_are_pairs(saved):
    raw = torch.arange(256, dtype=torch.uint8)
    checkpoint = saved({"f": raw.view(torch.float4_e2m1fn_x2)})
    values = checkpoint.read_values("f")
    assert values.shape == (256, 2)
    assert values[0x52].tolist() == [1.0, 3.0]  # low half first: 0x2 is 1, 0x5 is 3
    found = checkpoint.statistics("f").statistics
    assert (found.numel, found.max, found.min, found.zeros) == (512, 6.0, -6.0, 64)


def test_that_other_subclasses_are_named(saved):
    class Marked(torch.Tensor):
        pass

    import sys

    Marked.__module__, Marked.__qualname__ = __name__, "Marked"
    sys.modules[__name__].Marked = Marked
    checkpoint = saved({"x": torch.ones(2).as_subclass(Marked)})
    assert any("Marked" in note for note in checkpoint.entry("x").notes)
    assert checkpoint.read("x").tolist() == [1, 1]


def test_that_sections_are_told_by_the_keys_at_the_top(saved):
    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    checkpoint = saved(
        {
            "state_dict": model.state_dict(),
            "optimizer_states": [optimizer.state_dict()],
            "model_ema": model.state_dict(),
            "lr_schedulers": [{"last": torch.ones(1)}],
            "rng_state": torch.get_rng_state(),
            "epoch": 3,
            "hyper_parameters": {"lr": 1e-3, "betas": (0.9, 0.99)},
        }
    )
    sections = {entry.path[0]: entry.section for entry in checkpoint.tensors}
    assert sections == {
        "state_dict": "weights", "optimizer_states": "optimizer", "model_ema": "ema", "lr_schedulers": "scheduler",
        "rng_state": "random state",
    }  # fmt: skip
    info = checkpoint.opened().info
    assert info.chosen == "weights"
    assert sum(share.bytes for share in info.sections) == info.bytes
    texts = dict(zip(checkpoint.objects.labels, checkpoint.objects.texts, strict=True))
    assert texts["epoch"] == "3"
    assert texts["lr"] == "0.001"
    assert texts["betas"] in ("(0.9, 0.99)", "(0.9, 0.999)")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert checkpoint.entry("optimizer_states.0.state.0.exp_avg").shape == (2, 2)
