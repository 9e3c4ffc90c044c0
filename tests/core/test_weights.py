"""Loading a checkpoint into a model and saving one: told before, all or nothing, value by value."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from inspector.core.checkpoint import open_checkpoint
from inspector.core.weights import load_weights, plan_weights, save_weights
from inspector.records.codec import decode, encode
from inspector.records.problem import InspectorError
from inspector.records.weights import WeightsPlan


def model(seed: int = 0, **changes) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, changes.get("out", 3)))


def values(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def assert_same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    for name, tensor in one.items():
        torch.testing.assert_close(tensor, other[name], rtol=0, atol=0)


def statuses(plan: WeightsPlan) -> dict[str, str]:
    return {
        name or other: status for name, other, status in zip(plan.names, plan.file_names, plan.statuses, strict=True)
    }


@pytest.fixture
def load(tmp_path):
    """Saves a state, plans and loads it: `load(target, state)` gives the plan and what was loaded."""

    def save_and_load(target: nn.Module, state, name: str = "w.pt", **how):
        path = tmp_path / name
        (safetensors.torch.save_file if name.endswith(".safetensors") else torch.save)(state, path)
        with open_checkpoint(path) as checkpoint:
            plan = plan_weights(target, checkpoint)
            return plan, load_weights(target, checkpoint, plan, **how)

    return save_and_load


@pytest.mark.parametrize("name", ["w.pt", "w.safetensors"])
def test_that_a_state_dict_is_loaded_value_by_value(load, name):
    target = model(1)
    plan, loaded = load(target, model(0).state_dict(), name)
    assert set(plan.statuses) == {"matched"}
    assert plan.sentence == "9 of 9 tensors fit."
    assert (loaded.tensors, loaded.missing) == (9, [])
    assert_same(values(target), values(model(0)))


@pytest.mark.parametrize("keys", [("state_dict",), ("model",), ("checkpoint", "net")])
def test_that_dictionaries_around_the_state_dict_do_not_count_as_renames(load, keys):
    state = model(0).state_dict()
    for key in reversed(keys):
        state = {key: state, "epoch": 3}
    target = model(1)
    plan, _ = load(target, state)
    assert set(plan.statuses) == {"matched"}
    assert_same(values(target), values(model(0)))


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "model.", "module.model."])
def test_that_prefixes_of_wrappers_are_seen_through(load, prefix):
    target = model(1)
    plan, _ = load(target, {"state_dict": {prefix + name: value for name, value in model(0).state_dict().items()}})
    assert set(plan.statuses) == {"renamed"}
    assert_same(values(target), values(model(0)))


def test_that_wrapped_models_load_plain_files(load):
    plain = model(0).state_dict()
    for wrapped in (nn.ModuleDict({"module": model(1)}), nn.ModuleDict({"_orig_mod": model(1)})):
        plan, _ = load(wrapped, plain)
        assert set(plan.statuses) == {"renamed"}
        assert_same(values(next(iter(wrapped.values()))), values(model(0)))


def test_that_wrappers_within_names_are_seen_through(load):
    target = nn.ModuleDict({"encoder": model(1)})
    state = {f"encoder._orig_mod.{name}": value for name, value in model(0).state_dict().items()}
    plan, _ = load(target, state)
    assert set(plan.statuses) == {"renamed"}
    assert_same(values(target["encoder"]), values(model(0)))


def test_that_what_does_not_fit_is_told_and_left(load):
    state = model(0, out=5).state_dict()
    del state["1.running_mean"]
    state["extra.gamma"] = torch.ones(2)
    state["0.weight"] = state["0.weight"].double()
    target = model(1)
    before = values(target)
    plan, loaded = load(target, state)
    found = statuses(plan)
    assert found["0.weight"] == "dtype"
    assert found["1.running_mean"] == "missing"
    assert found["3.weight"] == found["3.bias"] == "shape"
    assert found["extra.gamma"] == "unexpected"
    assert "the file has 5 × 8, the model 3 × 8" in plan.notes
    assert sorted(loaded.missing) == ["1.running_mean", "3.bias", "3.weight"]
    now = values(target)
    torch.testing.assert_close(now["3.weight"], before["3.weight"])
    torch.testing.assert_close(now["0.weight"], model(0).state_dict()["0.weight"])


def test_that_likely_renames_are_offered_but_not_chosen(load, tmp_path):
    state = {
        name.replace("0.", "first.").replace("3.", "last."): value for name, value in model(0).state_dict().items()
    }
    torch.save(state, tmp_path / "r.pt")
    target = model(1)
    before = values(target)
    with open_checkpoint(tmp_path / "r.pt") as checkpoint:
        plan = plan_weights(target, checkpoint)
        found = statuses(plan)
        assert found["0.weight"] == found["3.weight"] == "guessed"
        load_weights(target, checkpoint, plan)
        torch.testing.assert_close(target[0].weight.detach(), before["0.weight"])
        chosen = plan.chosen | np.array([status == "guessed" for status in plan.statuses])
        load_weights(target, checkpoint, plan, chosen)
    assert_same(values(target), values(model(0)))


def test_that_tied_weights_are_not_missing(load):
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.head = nn.Embedding(7, 4), nn.Linear(4, 7, bias=False)
            self.head.weight = self.embed.weight

    source, target = Tied(), Tied()
    plan, loaded = load(target, {"embed.weight": source.embed.weight.detach()}, "w.safetensors")
    assert statuses(plan) == {"embed.weight": "matched", "head.weight": "tied"}
    assert loaded.missing == []
    torch.testing.assert_close(target.head.weight, source.embed.weight)
    assert target.head.weight is target.embed.weight


def test_that_an_error_in_the_model_leaves_every_weight(tmp_path):
    class Stubborn(nn.Linear):
        def _load_from_state_dict(self, state_dict, prefix, *rest):
            super()._load_from_state_dict(state_dict, prefix, *rest)
            raise RuntimeError("no, thank you")

    target = nn.Sequential(nn.Linear(4, 4), Stubborn(4, 4))
    before = values(target)
    torch.save(nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4)).state_dict(), tmp_path / "w.pt")
    with open_checkpoint(tmp_path / "w.pt") as checkpoint:
        plan = plan_weights(target, checkpoint)
        with pytest.raises(InspectorError, match="keeps those that it had"):
            load_weights(target, checkpoint, plan)
    assert_same(values(target), before)


def test_that_an_interrupt_leaves_every_weight(tmp_path):
    target = model(1)
    before = values(target)
    torch.save(model(0).state_dict(), tmp_path / "w.pt")

    def interrupted(module, *arguments):
        raise KeyboardInterrupt

    target[3].register_load_state_dict_post_hook(interrupted)
    with open_checkpoint(tmp_path / "w.pt") as checkpoint, pytest.raises(KeyboardInterrupt):
        load_weights(target, checkpoint, plan_weights(target, checkpoint))
    assert_same(values(target), before)


def test_that_a_file_that_changed_loads_nothing(tmp_path):
    target = model(1)
    before = values(target)
    path = tmp_path / "w.pt"
    torch.save(model(0).state_dict(), path)
    with open_checkpoint(path) as checkpoint:
        plan = plan_weights(target, checkpoint)
        os.truncate(path, 2000)
        with pytest.raises(InspectorError, match="changed on disk"):
            load_weights(target, checkpoint, plan)
    assert_same(values(target), before)


def test_that_every_dtype_is_loaded_as_it_is(load):
    class Holder(nn.Module):
        def __init__(self, fill):
            super().__init__()
            for dtype in (torch.float64, torch.bfloat16, torch.float16, torch.int64, torch.int8, torch.uint16,
                          torch.bool,
                          torch.float8_e4m3fn, torch.complex64, torch.complex128):  # fmt: skip
                self.register_buffer(f"as_{str(dtype)[6:]}", (torch.arange(6).reshape(2, 3) * fill).to(dtype))

    target = Holder(0)
    plan, _ = load(target, Holder(1).state_dict())
    assert set(plan.statuses) == {"matched"}
    for name, tensor in Holder(1).state_dict().items():
        assert torch.equal(getattr(target, name).to(torch.complex128), tensor.to(torch.complex128))


def test_that_views_and_tied_storages_are_loaded_as_seen(load):
    base = torch.arange(20.0).reshape(4, 5)
    target = nn.ParameterDict({"t": torch.zeros(5, 4), "e": torch.zeros(3, 4), "c": torch.zeros(4)})
    load(target, {"t": base.t(), "e": base[0, :4].expand(3, 4), "c": base[:, 1]})
    assert torch.equal(target["t"], base.t())
    assert torch.equal(target["e"], base[0, :4].expand(3, 4))
    assert torch.equal(target["c"], base[:, 1])


def test_that_lazy_parameters_get_their_shape_from_the_file(load):
    target = nn.Sequential(nn.LazyLinear(8), nn.ReLU())
    source = nn.Sequential(nn.Linear(4, 8), nn.ReLU())
    plan, _ = load(target, source.state_dict())
    assert plan.shapes[0] is None
    assert_same(values(target), values(source))


def test_that_another_section_can_be_chosen(tmp_path):
    torch.save({"state_dict": model(0).state_dict(), "model_ema": model(2).state_dict()}, tmp_path / "w.pt")
    target = model(1)
    with open_checkpoint(tmp_path / "w.pt") as checkpoint:
        load_weights(target, checkpoint, plan_weights(target, checkpoint, "ema"))
        assert_same(values(target), values(model(2)))
        with pytest.raises(InspectorError, match="no tensors in"):
            plan_weights(target, checkpoint, "optimizer")


def test_that_the_plan_travels(tmp_path):
    torch.save(model(0, out=5).state_dict(), tmp_path / "w.pt")
    with open_checkpoint(tmp_path / "w.pt") as checkpoint:
        plan = plan_weights(model(1), checkpoint)
    body, buffers = encode(plan)
    again = decode(WeightsPlan, body, buffers)
    assert again.statuses == plan.statuses
    np.testing.assert_array_equal(again.chosen, plan.chosen)


@pytest.mark.parametrize("name", ["w.pt", "w.safetensors"])
def test_that_saved_weights_are_read_by_torch_and_safetensors(tmp_path, name):
    source = model(0)
    path = tmp_path / name
    saved = save_weights(source, path)
    found = safetensors.torch.load_file(path) if name.endswith("safetensors") else torch.load(path, weights_only=True)
    assert_same(dict(sorted(found.items())), dict(sorted(values(source).items())))
    assert saved.bytes == path.stat().st_size
    assert saved.tensors == 9
    assert sorted(file.name for file in tmp_path.iterdir()) == [name]


def test_that_safetensors_take_odd_tensors(tmp_path):
    base = torch.arange(12.0).reshape(3, 4)
    state = {
        "t": base.t(), "tied": base, "again": base, "half": base.half(), "f8": base.to(torch.float8_e5m2),
        "scalar": torch.tensor(3),
        "empty": torch.empty(0, 2), "flag": base > 3, "conj": torch.randn(2, dtype=torch.complex64).conj(),
        "ü\u2009": base[1],
    }  # fmt: skip
    save_weights(state, tmp_path / "w.safetensors")
    found = safetensors.torch.load_file(tmp_path / "w.safetensors")
    with safetensors.safe_open(tmp_path / "w.safetensors", "pt") as file:
        assert file.metadata() == {"format": "pt", "again": "tied"}
    for name, tensor in state.items():
        if name != "again":
            assert torch.equal(
                found[name].float() if name == "f8" else found[name],
                (tensor.float() if name == "f8" else tensor).resolve_conj(),
            )


@pytest.mark.parametrize(
    "value", [3, torch.eye(2).to_sparse(), torch.empty(2, device="meta"), torch.zeros(2, dtype=torch.complex128)]
)
def test_that_what_safetensors_cannot_hold_is_told_and_nothing_is_changed(tmp_path, value):
    path = tmp_path / "w.safetensors"
    path.write_bytes(b"old")
    with pytest.raises(InspectorError, match=r"Save it as \.pt"):
        save_weights({"x": value}, path)
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["w.safetensors"]


@pytest.mark.parametrize("name", ["w.pt", "w.safetensors"])
def test_that_a_full_disk_loses_nothing(tmp_path, name):
    script = """
import resource, signal, sys, torch
from inspector.core.weights import save_weights
from inspector.records.problem import InspectorError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    save_weights({"w": torch.zeros(1_000_000)}, sys.argv[1])
except InspectorError as error:
    print(error.problem.message)
"""
    path = tmp_path / name
    path.write_bytes(b"old")
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=100, cwd=root, check=False
    )
    assert done.stdout.strip() == "There is not enough room on the disk; nothing was changed.", done.stderr
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_that_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InspectorError, match="folder to write to does not exist"):
        save_weights(model(), tmp_path / "gone" / "w.pt")
    with pytest.raises(InspectorError, match="folder, not a file"):
        save_weights(model(), tmp_path)


def test_that_links_and_permissions_are_kept(tmp_path):
    real = tmp_path / "real.pt"
    real.write_bytes(b"old")
    real.chmod(0o640)
    (tmp_path / "link.pt").symlink_to(real)
    save_weights(model(), tmp_path / "link.pt")
    assert (tmp_path / "link.pt").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert torch.load(real, weights_only=True)


def test_that_what_was_saved_is_loaded_again(tmp_path):
    target = model(1)
    for name in ("w.pt", "w.safetensors"):
        save_weights(model(0), tmp_path / name)
        with open_checkpoint(tmp_path / name) as checkpoint:
            load_weights(target, checkpoint, plan_weights(target, checkpoint))
        assert_same(values(target), values(model(0)))
