"""A model moves wholly or not at all, and stays the same objects."""

from __future__ import annotations

import copy
import weakref
from pathlib import Path

import pytest
import torch
from torch import nn

from inspector.core import accelerators, host_memory, nvidia
from inspector.core.devices import current_devices, list_devices, move, plan_move
from inspector.core.precision import cast, plan_cast
from inspector.core.tree import describe, tree_of
from inspector.records.problem import InspectorError


class Shared(nn.Module):
    """Tied weights, a shared buffer, a recurrent layer with its own list of weights, an anchor that is no buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(7, 4)
        self.recurrent = nn.LSTM(4, 4, batch_first=True)
        self.norm = nn.BatchNorm1d(4)
        self.head = nn.Linear(4, 7, bias=False)
        self.head.weight = self.embedding.weight
        self.register_buffer("mean_again", self.norm.running_mean)
        self.register_buffer("turn", torch.ones(2, dtype=torch.complex64))
        self.anchor = torch.arange(4.0)

    def _apply(self, fn, recurse=True):
        super()._apply(fn, recurse)
        self.anchor = fn(self.anchor)
        return self

    def forward(self, tokens):
        hidden, _ = self.recurrent(self.embedding(tokens))
        return self.head(self.norm(hidden.transpose(1, 2)).transpose(1, 2) + self.anchor)


class FailsAt(nn.Parameter):
    """A parameter that cannot be converted: what a full device or a missing type does to the n-th tensor."""

    def to(self, *args, **kwargs):
        raise self.failure


def failing(error: BaseException) -> Shared:
    """A model whose last parameter fails to convert, after the others have been."""
    model = Shared()
    parameter = FailsAt(torch.ones(3))
    parameter.failure = error
    model.last = nn.Module()
    model.last.weight = parameter
    return model


def fingerprint(model: nn.Module) -> dict[str, tuple]:
    """Everything that must be the same after a failure: objects, values, places, gradients."""
    tensors = dict(model.named_parameters(remove_duplicate=False)) | dict(model.named_buffers(remove_duplicate=False))
    return {
        name: (
            id(tensor),
            tensor.device,
            tensor.dtype,
            None if tensor.is_meta else tensor.detach().clone(),
            id(tensor.grad),
        )
        for name, tensor in tensors.items()
    }


def assert_same(before: dict[str, tuple], model: nn.Module) -> None:
    after = fingerprint(model)
    assert list(before) == list(after)
    for name, (identity, device, dtype, values, gradient) in before.items():
        assert after[name][:3] == (identity, device, dtype), name
        assert after[name][4] == gradient, name
        assert values is None or torch.equal(values, after[name][3]), name


TOKENS = torch.tensor([[1, 2, 3], [4, 5, 6]])


def trained() -> tuple[Shared, torch.optim.Optimizer]:
    """A model with gradients and an optimizer that has state."""
    torch.manual_seed(0)
    model = Shared()
    optimizer = torch.optim.Adam(model.parameters())
    model(TOKENS).sum().backward()
    optimizer.step()
    return model, optimizer


def test_that_every_kind_of_device_is_listed_with_its_reason():
    devices = {info.name.partition(":")[0]: info for info in list_devices().devices}
    assert list(devices) == ["cpu", "cuda", "mps", "xpu", "meta"]
    assert devices["cpu"].available
    assert 0 < devices["cpu"].free_bytes <= devices["cpu"].total_bytes
    assert devices["meta"].available
    for info in devices.values():
        assert info.title
        assert info.available != bool(info.reason)
    if torch.version.cuda is None and torch.version.hip is None:
        assert devices["cuda"].reason == f"This PyTorch is a CPU-only build ({torch.__version__})."


def test_that_a_missing_driver_and_hidden_devices_are_told_apart(monkeypatch):
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(nvidia, "driver_is_there", lambda: False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert next(accelerators._cuda_devices()).reason == "No NVIDIA driver was found."
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert next(accelerators._cuda_devices()).reason == "CUDA_VISIBLE_DEVICES hides every device."


def test_that_an_old_driver_is_told_in_torchs_words(monkeypatch):
    def is_available() -> bool:
        import warnings

        warnings.warn(
            "CUDA initialization: The NVIDIA driver on your system is too old (found version 11040). Please",
            stacklevel=1,
        )
        return False

    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(torch.cuda, "is_available", is_available)
    monkeypatch.setattr(nvidia, "driver_is_there", lambda: True)
    reason = next(accelerators._cuda_devices()).reason
    assert reason == "The NVIDIA driver on your system is too old (found version 11040)."


def test_that_cuda_devices_are_listed_each_with_its_free_memory(monkeypatch):
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda index: 300)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda index: 100)
    found = [nvidia.NvidiaDevice("H100", f"GPU-{index}", 1000 * (index + 1), 9000) for index in range(2)]
    monkeypatch.setattr(nvidia, "visible_devices", lambda count: found)
    listed = list(accelerators._cuda_devices())
    assert [(info.name, info.title, info.free_bytes, info.total_bytes) for info in listed] == [
        ("cuda:0", "H100", 1200, 9000),  # what torch holds in reserve is free for the model
        ("cuda:1", "H100", 2200, 9000),
    ]


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        (None, [0, 1, 2]),
        ("2,0", [2, 0]),
        ("GPU-b", [1]),
        ("GPU-b,GPU-a", [1, 0]),
        ("7", None),
        ("GPU-", None),
        ("MIG-x", None),
    ],
)
def test_that_visible_devices_are_found_in_torchs_order(wanted, order):
    devices = [nvidia.NvidiaDevice("H100", uuid, 1, 2) for uuid in ("GPU-a", "GPU-b", "GPU-c")]
    chosen = nvidia._chosen(devices, wanted)
    assert chosen == (None if order is None else [devices[index] for index in order])


def test_that_free_memory_is_known_without_psutil(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "psutil", None)
    free, total = host_memory.host_memory()
    if Path("/proc/meminfo").exists():
        assert 0 < free <= total


def test_that_a_containers_limit_counts(monkeypatch, tmp_path):
    group = tmp_path / "groups" / "task"
    group.mkdir(parents=True)
    (group / "memory.max").write_text("5000\n")
    (group / "memory.current").write_text("3000\n")
    (group / "memory.stat").write_text("anon 1\ninactive_file 1000\n")
    (tmp_path / "own").write_text("0::/task\n")
    monkeypatch.setattr(host_memory, "_CONTROL_GROUPS", tmp_path / "groups")
    monkeypatch.setattr(host_memory, "_OWN_GROUPS", tmp_path / "own")
    assert host_memory.host_memory() == (3000, 5000)


def test_that_a_plan_tells_what_must_move():
    model, _ = trained()
    plan = plan_move(model, "meta")
    tensors = [*model.parameters(), *(parameter.grad for parameter in model.parameters())]
    buffers = {id(buffer): buffer for buffer in model.buffers()}.values()
    assert plan.bytes == sum(tensor.nbytes for tensor in (*tensors, *buffers))
    assert plan.fits
    assert "come back" in plan.sentence
    assert plan_move(model, "cpu").bytes == 0
    assert plan_move(model, "cpu").sentence == "The model is on cpu already."
    assert plan_move(model, "meta", "head").bytes == 2 * model.head.weight.nbytes


def test_that_meta_and_back_restores_values_objects_ties_and_the_optimizer():
    model, optimizer = trained()
    model.eval()
    fired = []
    model.head.register_forward_hook(lambda *_: fired.append("hook"))
    before, output = fingerprint(model), model(TOKENS).detach()
    seconds, size, sentence = move(model, "meta")
    assert seconds > 0
    assert size > 0
    assert "wait in this machine's memory" in sentence
    assert current_devices(model) == ("meta",)
    assert model.anchor.is_meta
    assert model.head.weight is model.embedding.weight
    assert model.mean_again is model.norm.running_mean
    assert model(TOKENS.to("meta")).shape == output.shape
    plan = plan_move(model, "cpu")
    assert plan.bytes == size
    move(model, "cpu")
    assert_same(before, model)
    assert model.head.weight is model.embedding.weight
    assert model.mean_again is model.norm.running_mean
    assert model.recurrent._flat_weights[0] is model.recurrent.weight_ih_l0
    assert torch.equal(model.anchor, torch.arange(4.0))
    assert torch.equal(model(TOKENS), output)
    in_optimizer = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    assert {id(parameter) for parameter in model.parameters()} == in_optimizer
    assert fired == ["hook"] * 3


def test_that_one_of_two_tied_modules_brings_the_weight_back_for_both():
    model, _ = trained()
    weight = model.head.weight
    move(model, "meta")
    move(model, "cpu", "head")
    assert model.head.weight is weight
    assert model.embedding.weight is weight
    assert sorted(current_devices(model)) == ["cpu", "meta"]
    move(model, "cpu")
    assert current_devices(model) == ("cpu",)


def test_that_a_part_moves_alone_and_the_model_says_it_is_spread():
    model, _ = trained()
    move(model, "meta", "recurrent")
    assert describe(model, "", "").devices == ("cpu", "meta")
    table = tree_of(model)
    assert table.devices[table.device_index[0]] == "mixed"
    move(model, "cpu", "recurrent")
    assert describe(model, "", "").devices == ("cpu",)


def test_that_a_shared_buffer_moves_for_both_of_its_holders():
    model, _ = trained()
    move(model, "meta", "norm")
    assert model.mean_again is model.norm.running_mean
    assert model.mean_again.is_meta


def test_that_a_precision_chosen_on_meta_holds_after_the_return():
    model, _ = trained()
    move(model, "meta")
    cast(model, "float16")
    move(model, "cpu")
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float16}
    assert model.turn.dtype == torch.complex64


def test_that_weights_given_on_meta_are_not_overwritten_by_what_waits():
    model = nn.Linear(2, 2)
    move(model, "meta")
    fresh = {name: torch.full_like(value, 7.0, device="cpu") for name, value in model.state_dict().items()}
    model.load_state_dict(fresh, assign=True)
    move(model, "cpu")
    assert torch.equal(model.weight, torch.full((2, 2), 7.0))


def test_that_what_waits_goes_with_the_model():
    model = nn.Linear(2, 2)
    waiting = weakref.ref(model.weight)
    move(model, "meta")
    assert waiting() is not None
    del model
    assert waiting() is None


def test_that_a_model_built_on_meta_cannot_leave_it_and_says_why():
    model = nn.Linear(2, 2, device="meta")
    before = fingerprint(model)
    plan = plan_move(model, "cpu")
    assert not plan.fits
    assert plan.sentence == "2 tensors on meta never had values: there is nothing to move to cpu."
    assert plan_move(nn.ReLU(), "meta").sentence == "The model has no tensors to move."
    with pytest.raises(InspectorError) as caught:
        move(model, "cpu")
    assert caught.value.problem.id == "device.failed"
    assert "values were never there" in caught.value.problem.advice
    assert_same(before, model)


@pytest.mark.parametrize(
    ("error", "id"),
    [
        (torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."), "device.memory"),
        (MemoryError(), "device.memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "device.memory"),
        (
            TypeError("Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64."),
            "device.failed",
        ),
        (ZeroDivisionError("by zero"), "device.failed"),
    ],
)
@pytest.mark.parametrize("change", ["move", "cast"])
def test_that_a_failure_half_way_puts_everything_back(change, error, id):
    model = failing(error)
    model(TOKENS).sum().backward()
    before, attributes = fingerprint(model), {name: dict(each.__dict__) for name, each in model.named_modules()}
    with pytest.raises(InspectorError) as caught:
        move(model, "meta") if change == "move" else cast(model, "bfloat16")
    problem = caught.value.problem
    assert problem.id == id
    assert problem.message.endswith("The model is back where it was.")
    assert_same(before, model)
    assert {name: dict(each.__dict__) for name, each in model.named_modules()}.keys() == attributes.keys()
    assert model.recurrent._flat_weights[0] is model.recurrent.weight_ih_l0
    assert model.anchor.dtype == torch.float32
    assert model.anchor.device.type == "cpu"
    model.zero_grad()
    model(TOKENS).sum().backward()


def test_that_float64_on_an_apple_gpu_is_advised():
    model = failing(
        TypeError("Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64.")
    )
    with pytest.raises(InspectorError) as caught:
        move(model, "meta")
    assert "set the precision to float32 first" in caught.value.problem.advice


def test_that_cancelling_a_move_puts_everything_back():
    model = failing(KeyboardInterrupt())
    before = fingerprint(model)
    with pytest.raises(KeyboardInterrupt):
        move(model, "meta")
    assert_same(before, model)


def test_that_a_failed_return_from_meta_leaves_the_model_on_meta_and_the_values_waiting():
    model = Shared()
    weight, values = model.head.weight, model.head.weight.detach().clone()
    move(model, "meta")
    stand_in = model.head.weight
    model.recurrent.register_buffer("stuck", torch.ones(2, device="meta"))  # without values: it cannot leave meta
    with pytest.raises(InspectorError):
        move(model, "cpu")
    assert model.head.weight is stand_in
    assert current_devices(model) == ("meta",)
    del model.recurrent._buffers["stuck"]
    move(model, "cpu")
    assert model.head.weight is weight
    assert torch.equal(weight, values)


def test_that_half_moved_is_not_moved():
    class Stays(nn.Linear):
        def _apply(self, fn, recurse=True):
            return self

    model = nn.Sequential(nn.Linear(2, 2), Stays(2, 2))
    before = fingerprint(model)
    with pytest.raises(InspectorError, match="2 tensors stayed on cpu"):
        move(model, "meta")
    assert_same(before, model)


def test_that_a_cast_that_cannot_fit_in_this_machines_memory_is_not_begun(monkeypatch):
    monkeypatch.setattr(accelerators, "host_memory", lambda: (1000, 2000))
    model = nn.Linear(1000, 1000)
    plan = plan_cast(model, "float64")
    assert not plan.fits
    assert "will not fit" in plan.sentence
    with pytest.raises(InspectorError) as caught:
        cast(model, "float64")
    assert caught.value.problem.id == "device.memory"
    assert model.weight.dtype == torch.float32


def test_that_unknown_and_missing_targets_say_so():
    model = nn.Linear(1, 1)
    with pytest.raises(InspectorError) as caught:
        move(model, "gpu")
    assert caught.value.problem.id == "device.unknown"
    assert "cpu" in caught.value.problem.advice
    if not torch.cuda.is_available():
        with pytest.raises(InspectorError) as caught:
            move(model, "cuda:0")
        assert caught.value.problem.id == "device.unavailable"
        assert "cuda:0 cannot be used: " in caught.value.problem.message
    with pytest.raises(InspectorError) as caught:
        plan_move(model, "cpu", "nowhere")
    assert caught.value.problem.id == "module.missing"


def test_that_a_module_inside_itself_is_refused_in_words():
    model = nn.Sequential(nn.Linear(2, 2))
    model[0].back = model
    before = model[0].weight
    with pytest.raises(InspectorError, match="contains itself"):
        move(model, "meta")
    assert model[0].weight is before


def test_that_lazy_models_go_to_meta_and_come_back_lazy():
    model = nn.Sequential(nn.LazyLinear(3), nn.ReLU())
    parameter = model[0].weight
    move(model, "meta")
    move(model, "cpu")
    assert model[0].weight is parameter
    assert model(torch.zeros(1, 5)).shape == (1, 3)


def test_that_a_cast_keeps_objects_and_ties_and_leaves_other_types_alone():
    model, _ = trained()
    identities = {name: id(parameter) for name, parameter in model.named_parameters(remove_duplicate=False)}
    seconds, size, sentence = cast(model, "bfloat16")
    assert seconds > 0
    assert size > 0
    assert "bfloat16 does not hold every float32 value" in sentence
    assert {name: id(parameter) for name, parameter in model.named_parameters(remove_duplicate=False)} == identities
    assert model.head.weight.dtype == torch.bfloat16
    assert model.head.weight.grad.dtype == torch.bfloat16
    assert model.turn.dtype == torch.complex64
    assert model.norm.num_batches_tracked.dtype == torch.int64
    assert model.mean_again is model.norm.running_mean
    assert "does not hold" not in cast(model, "float32")[2]
    assert cast(model, "float32")[1] == 0


def test_that_a_cast_plan_says_what_is_lost_and_needed():
    model = nn.Linear(10, 10)
    plan = plan_cast(model, "float16")
    assert plan.bytes == 110 * 2
    assert plan.fits
    assert "does not hold every float32 value" in plan.sentence
    assert plan_cast(model, "float32").bytes == 0
    with pytest.raises(InspectorError) as caught:
        plan_cast(model, "int8")
    assert caught.value.problem.id == "precision.unknown"


def test_that_values_beyond_float16_are_told():
    model = nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[1e6, 1.0]]))
    assert "1 finite values became infinite: float16 ends at 65\u2009504." in cast(model, "float16")[2]


def test_that_a_part_is_cast_alone():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    cast(model, "float16", "1")
    assert describe(model, "", "").dtypes == ("float32", "float16")


def test_that_torchs_own_switches_for_conversion_stay_as_they_were():
    future = torch.__future__
    future.set_swap_module_params_on_conversion(True)
    try:
        model = nn.Linear(2, 2)
        weight, values = model.weight, model.weight.detach().clone()
        move(model, "meta")
        move(model, "cpu")
        assert model.weight is weight
        assert torch.equal(weight, values)
        assert future.get_swap_module_params_on_conversion()
    finally:
        future.set_swap_module_params_on_conversion(False)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
class TestOnCuda:
    def test_that_a_model_goes_and_returns_with_its_optimizer(self):
        model, optimizer = trained()
        before = fingerprint(model)
        plan = plan_move(model, "cuda:0")
        seconds, size, sentence = move(model, "cuda:0")
        assert size == plan.bytes
        assert seconds > 0
        assert "cuda:0" in sentence
        assert {name: identity for name, (identity, *_) in fingerprint(model).items() if "weight" in name} == {
            name: identity for name, (identity, *_) in before.items() if "weight" in name
        }
        assert model.head.weight is model.embedding.weight
        model(TOKENS.cuda()).sum().backward()
        move(model, "meta")
        assert torch.cuda.memory_allocated() < 64 * 2**20
        move(model, "cuda:0")
        move(model, "cpu")
        for name, parameter in model.named_parameters():
            assert torch.equal(parameter, before[name][3]), name
        assert {id(p) for g in optimizer.param_groups for p in g["params"]} == {id(p) for p in model.parameters()}

    def test_that_a_real_lack_of_memory_puts_the_model_back(self):
        free, _ = torch.cuda.mem_get_info()
        hog = torch.empty(free - 200 * 2**20, dtype=torch.uint8, device="cuda")
        model = nn.Sequential(*[nn.Linear(4096, 4096, bias=False) for _ in range(6)])
        before = fingerprint(model)
        assert not plan_move(model, "cuda:0").fits
        with pytest.raises(InspectorError) as caught:
            move(model, "cuda:0")
        assert caught.value.problem.id == "device.memory"
        assert_same(before, model)
        del hog
        torch.cuda.empty_cache()

    def test_that_free_memory_is_what_cuda_says(self):
        info = next(info for info in list_devices().devices if info.name == "cuda:0")
        free, total = torch.cuda.mem_get_info(0)
        assert abs(info.total_bytes - total) < 2**30
        assert abs(info.free_bytes - free) < 2**30


def test_that_a_copy_of_a_model_on_meta_is_independent():
    model = nn.Linear(2, 2)
    move(model, "meta")
    other = copy.deepcopy(model)
    move(model, "cpu")
    assert other.weight.is_meta
