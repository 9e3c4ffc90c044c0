"""The tree says what torch says: names, shapes, totals, what is shared."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from inspector.core.modes import set_mode
from inspector.core.tree import describe, tree_of
from inspector.records.modules import RowKind, TreeTable
from inspector.records.problem import InspectorError


class Tied(nn.Module):
    """An embedding whose weight is also the output layer's."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 4)
        self.body = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4))
        self.head = nn.Linear(4, 11, bias=False)
        self.head.weight = self.embedding.weight


class Repeated(nn.Module):
    """One block under three names, as in ALBERT, and one tensor that is a parameter here and a buffer there."""

    def __init__(self) -> None:
        super().__init__()
        block = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
        self.first = block
        self.more = nn.ModuleList([block, nn.ModuleDict({"again": block, "other": nn.Linear(3, 2)})])
        self.scale = nn.Parameter(torch.ones(5), requires_grad=False)
        self.register_buffer("same_scale", self.scale)
        self.register_buffer("not_saved", torch.zeros(7), persistent=False)
        self.register_buffer("nothing", None)
        self.register_parameter("no_parameter", None)
        self.absent = None
        self.list = nn.ParameterList([torch.zeros(2), self.scale])
        self.dict = nn.ParameterDict({"a": torch.zeros(3)})


def assorted() -> dict[str, nn.Module]:
    parametrised = nn.utils.parametrizations.weight_norm(nn.Linear(3, 4))
    return {
        "linear": nn.Linear(2, 3),
        "no parameters": nn.ReLU(),
        "tied": Tied(),
        "repeated": Repeated(),
        "parametrised": nn.Sequential(parametrised, nn.utils.parametrizations.spectral_norm(nn.Linear(4, 4))),
        "lazy": nn.Sequential(nn.LazyLinear(3), nn.LazyBatchNorm1d(), nn.Linear(3, 1)),
        "transformer": nn.Transformer(8, 2, 2, 2, 16, batch_first=True),
        "recurrent": nn.LSTM(3, 4, 2, bidirectional=True),
        "half on meta": nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, device="meta", dtype=torch.float16)),
        "scripted": scripted(nn.Sequential(nn.Linear(2, 2), nn.ReLU())),
    }


def scripted(model: nn.Module) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch itself wants people to leave scripting
        return torch.jit.script(model)


def rows(table: TreeTable, kind: RowKind) -> list[int]:
    return [row for row in range(len(table)) if table.kinds[row] == kind]


def lazy(parameter: torch.Tensor) -> bool:
    return nn.parameter.is_lazy(parameter)


def counted(module: nn.Module, trainable_only: bool = False) -> int:
    return sum(
        parameter.numel()
        for parameter in module.parameters()
        if not lazy(parameter) and (parameter.requires_grad or not trainable_only)
    )


def stored(module: nn.Module) -> int:
    tensors = {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers()) if not lazy(tensor)}
    return sum(tensor.nbytes for tensor in tensors.values())


def assert_true_to_torch(model: nn.Module) -> None:
    """Every column against what torch's own methods say."""
    table = tree_of(model)
    modules = dict(model.named_modules(remove_duplicate=False))
    parameters = dict(model.named_parameters(remove_duplicate=False))
    buffers = dict(model.named_buffers(remove_duplicate=False))
    things = {**modules}
    assert [table.names[row] for row in rows(table, RowKind.MODULE)] == list(modules)
    assert [table.names[row] for row in rows(table, RowKind.PARAMETER)] == list(parameters)
    assert [table.names[row] for row in rows(table, RowKind.BUFFER)] == list(buffers)
    first_seen: dict[int, int] = {}
    for row, name in enumerate(table.names):
        kind = RowKind(table.kinds[row])
        thing = {RowKind.MODULE: modules, RowKind.PARAMETER: parameters, RowKind.BUFFER: buffers}[kind][name]
        things[name] = thing
        parent = int(table.parents[row])
        assert parent < row
        if row:
            assert table.names[parent] == name.rpartition(".")[0]
            assert table.kinds[parent] == RowKind.MODULE
        first = first_seen.setdefault(id(thing), row)
        assert table.shared_with[row] == (-1 if first == row else first), name
        if kind == RowKind.MODULE:
            assert table.total_parameters[row] == counted(thing), name
            assert table.trainable_parameters[row] == counted(thing, trainable_only=True), name
            assert table.total_bytes[row] == stored(thing), name
            own = {id(p): p for p in thing._parameters.values() if p is not None and not lazy(p)}
            assert table.own_parameters[row] == sum(p.numel() for p in own.values()), name
            assert table.training[row] == thing.training
        else:
            numel = 0 if lazy(thing) or kind == RowKind.BUFFER else thing.numel()
            assert table.shapes[row] == (None if lazy(thing) else list(thing.shape)), name
            assert table.total_parameters[row] == table.own_parameters[row] == numel
            assert table.total_bytes[row] == (0 if lazy(thing) else thing.nbytes)
            assert table.training[row] == thing.requires_grad
            assert table.dtypes[table.dtype_index[row]] == str(thing.dtype).removeprefix("torch.")
            assert table.devices[table.device_index[row]] == str(thing.device)
    distinct = [row for row in range(len(table)) if table.shared_with[row] < 0]
    assert [table.names[r] for r in distinct if table.kinds[r] == RowKind.MODULE] == [
        n for n, _ in model.named_modules()
    ]
    of_torch = [name for name, _ in model.named_parameters()]
    assert [table.names[r] for r in distinct if table.kinds[r] == RowKind.PARAMETER] == of_torch


@pytest.mark.parametrize("name", assorted())
def test_that_the_table_is_what_torch_says(name):
    assert_true_to_torch(assorted()[name])


@st.composite
def trees(draw: st.DrawFn) -> nn.Module:
    """A random model: nested, with modules and parameters shared across it."""
    made: list[nn.Module] = []
    tensors = [nn.Parameter(torch.zeros(size), requires_grad=bool(size % 2)) for size in range(1, 5)]

    def build(depth: int) -> nn.Module:
        module = nn.Module()
        for index in draw(st.lists(st.integers(0, 3), max_size=3)):
            module.register_parameter(f"p{len(module._parameters)}", tensors[index])
        for size in draw(st.lists(st.integers(0, 3), max_size=2)):
            module.register_buffer(f"b{len(module._buffers)}", torch.zeros(size, dtype=torch.int64))
        for _ in range(draw(st.integers(0, 3 if depth else 0))):
            reuse = made and draw(st.booleans())
            child = draw(st.sampled_from(made)) if reuse else build(depth - 1)
            module.add_module(f"m{len(module._modules)}", child)
        made.append(module)
        return module

    return build(4)


@given(trees())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_that_any_tree_is_what_torch_says(model):
    assert_true_to_torch(model)


def test_that_totals_are_those_of_torchinfo():
    torchinfo = pytest.importorskip("torchinfo")
    for name, model in assorted().items():
        if name in {
            "lazy",
            "scripted",
            "half on meta",
            "tied",
            "repeated",
        }:  # it cannot, or counts shared tensors twice
            continue
        statistics = torchinfo.summary(model, verbose=0)
        table = tree_of(model)
        assert table.total_parameters[0] == statistics.total_params, name
        assert table.trainable_parameters[0] == statistics.trainable_params, name


def test_that_a_container_rolls_up_what_is_below():
    model = nn.Sequential(
        nn.BatchNorm1d(2), nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, dtype=torch.float64)), nn.ReLU()
    )
    table = tree_of(model)

    def dtype(name: str) -> str | None:
        index = int(table.dtype_index[table.names.index(name)])
        return table.dtypes[index] if index >= 0 else None

    assert dtype("0") == "float32"  # its int64 counter is a buffer: parameters decide
    assert dtype("1") == "mixed"
    assert dtype("") == "mixed"
    assert dtype("2") is None


def test_that_a_model_spread_over_devices_says_mixed():
    table = tree_of(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, device="meta")))
    assert table.devices[table.device_index[0]] == "mixed"
    assert table.devices[table.device_index[table.names.index("1")]] == "meta"


def test_that_a_module_inside_itself_ends():
    model = nn.Sequential(nn.Linear(2, 2))
    model[0].back = model
    table = tree_of(model)
    assert table.names == ["", "0", "0.weight", "0.bias", "0.back"]
    assert table.shared_with[-1] == 0
    assert table.total_parameters[0] == table.total_parameters[-1] == 6
    assert describe(model, "m", "").parameters == 6


def test_that_modules_which_double_with_each_level_end():
    module: nn.Module = nn.Linear(1, 1)
    for _ in range(26):  # 2 ** 26 names
        module = nn.ModuleList([module, module])
    table = tree_of(module)
    assert len(table) < 1_000_000
    assert table.total_parameters[0] == 2


def test_that_a_nest_deeper_than_pythons_recursion_opens():
    module: nn.Module = nn.Linear(2, 2)
    for _ in range(3000):
        module = nn.Sequential(module)
    table = tree_of(module)
    assert len(table) == 3003
    assert table.total_parameters[0] == 6


def test_that_a_hundred_thousand_rows_are_quick():
    with torch.device("meta"):
        block = [lambda: nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 4)) for _ in range(10)]
        model = nn.Sequential(*[nn.Sequential(*[make() for make in block]) for _ in range(990)])
    begin = time.process_time()
    table = tree_of(model)
    assert time.process_time() - begin < 3  # 0.7 s when the machine is quiet
    assert len(table) > 99_000


def test_that_the_model_is_described_in_one_line():
    model = Repeated()
    model.more[1]["other"].eval()
    info = describe(model, "file.Repeated", "/file.py")
    assert info.title == "file.Repeated"
    assert info.parameters == counted(model)
    assert info.trainable == counted(model, trainable_only=True)
    assert info.bytes == stored(model)
    assert info.modules == len(list(model.modules()))
    assert info.devices == ("cpu",)
    assert info.dtypes == ("float32",)
    assert info.training == "mixed"


def test_that_sparse_and_empty_tensors_are_counted_as_stored():
    model = nn.Module()
    indices = torch.tensor([[0, 99]])
    model.register_buffer("sparse", torch.sparse_coo_tensor(indices, torch.ones(2), (100,), check_invariants=True))
    model.register_buffer("empty", torch.zeros(0, 5))
    table = tree_of(model)
    assert table.total_bytes.tolist() == [2 * 4 + 2 * 8, 24, 0]
    assert table.shapes == [[], [100], [0, 5]]


def test_that_columns_are_arrays_of_the_documented_types():
    table = tree_of(nn.Linear(1, 1))
    for column in ("parents", "type_index", "dtype_index", "device_index", "shared_with"):
        assert getattr(table, column).dtype == np.int32, column
    for column in ("own_parameters", "total_parameters", "trainable_parameters", "total_bytes"):
        assert getattr(table, column).dtype == np.int64, column
    assert table.kinds.dtype == np.uint8
    assert table.training.dtype == np.bool_
    assert [table.types[index] for index in table.type_index] == ["Linear", "Parameter", "Parameter"]


def test_that_the_mode_is_switched_for_the_whole_and_for_a_part():
    model = nn.Sequential(nn.Dropout(), nn.Sequential(nn.Dropout()))
    set_mode(model, False)
    assert not model[0].training
    set_mode(model, True, "1")
    assert model[1][0].training
    assert not model[0].training
    with pytest.raises(InspectorError) as caught:
        set_mode(model, True, "1.7")
    assert caught.value.problem.id == "module.missing"


def test_that_the_mode_of_a_module_inside_itself_is_switched():
    model = nn.Sequential(nn.Dropout())
    model[0].back = model
    set_mode(model, False)
    assert not model[0].training
    assert not model.training


def test_that_a_module_which_refuses_its_mode_says_so_and_stays():
    class Frozen(nn.Module):
        def train(self, mode: bool = True) -> Frozen:
            raise ValueError("always in training")

    model = nn.Sequential(nn.ReLU(), Frozen())
    with pytest.raises(InspectorError, match="always in training"):
        set_mode(model, False)
    assert model[0].training
    assert model.training
