"""The fast way through dense tensors gives the same nodes as the loop over single opcodes, or leaves them to it."""

from __future__ import annotations

import io
import random
import zipfile
from typing import Any

import pytest
import torch

from inspector.core.checkpoint import dense_lane, open_checkpoint, pickled
from inspector.core.checkpoint.nodes import Call, Collection, Global, Mapping, Persistent
from inspector.core.checkpoint.rare_opcodes import PickleError
from tests.core.checkpoint.conftest import archive_of, assert_same_values


def state() -> dict[str, Any]:
    """Enough tensors that memo numbers take four bytes, of all ranks and several dtypes, some of them tied."""
    torch.manual_seed(0)
    shapes = [(3,), (2, 3), (1, 2, 3), (300, 2), (2, 1, 2, 2), (), (0, 3)]
    dtypes = [torch.float32, torch.bfloat16, torch.int64]
    tensors: dict[str, Any] = {
        f"w{n}": torch.randint(0, 9, shapes[n % len(shapes)]).to(dtypes[n % len(dtypes)]) for n in range(150)
    }
    tensors["tied"] = tensors["w3"]
    tensors["view"] = tensors["w4"][0]
    tensors["offset"] = tensors["w1"][1]
    tensors["graded"] = torch.ones(2, requires_grad=True)
    tensors["expanded"] = torch.ones(1).expand(4)
    return tensors


def pickle_of(content: Any) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive_of(content))) as archive:
        return archive.read("archive/data.pkl")


def described(node: Any, seen: dict[int, int]) -> Any:
    """A node as nested plain data; a node met again as its number."""
    if id(node) in seen and type(node) in (Call, Mapping, list, Persistent):
        return ("again", seen[id(node)])
    if type(node) in (Call, Mapping, list, Persistent):
        seen[id(node)] = len(seen)
    if type(node) is Global:
        return (node.full_name, node.called)
    if type(node) is Call:
        parts = (node.callable, node.args, node.state, node.items, node.elements)
        return ("call", *(described(part, seen) for part in parts))
    if type(node) is Mapping:
        return ("map", [described(item, seen) for item in node.items])
    if type(node) is Persistent:
        return ("storage", described(node.id, seen))
    if type(node) is Collection:
        return ("set", [described(item, seen) for item in node.elements])
    return [described(item, seen) for item in node] if type(node) in (list, tuple) else node


def outcome(data: bytes) -> Any:
    try:
        return described(pickled.read_pickle(data).root, {})
    except PickleError as error:
        return str(error).partition(" near byte")[0]


def slowly(monkeypatch, data: bytes) -> Any:
    with monkeypatch.context() as patched:
        patched.setattr(pickled, "dense_tensor", lambda *arguments: -1)
        return outcome(data)


def test_that_the_lane_is_taken_and_gives_the_same_nodes(monkeypatch):
    taken: list[int] = []
    data = pickle_of(state())
    expected = slowly(monkeypatch, data)

    def counting(*arguments: Any) -> int:
        taken.append(dense_lane.dense_tensor(*arguments))
        return taken[-1]

    monkeypatch.setattr(pickled, "dense_tensor", counting)
    assert outcome(data) == expected
    assert sum(end > 0 for end in taken) > 60


def test_that_values_are_those_of_torch(saved):
    content = state()
    checkpoint = saved(content)
    for name, tensor in content.items():
        assert_same_values(checkpoint, name, tensor)
    assert checkpoint.entry("tied").shared_with == checkpoint.row("w3")


@pytest.mark.parametrize("seed", range(3))
def test_that_a_run_that_differs_in_the_least_is_left_to_the_loop(monkeypatch, seed):
    data = pickle_of(state())
    chance = random.Random(seed)
    for _ in range(40):
        changed = bytearray(data)
        at = chance.randrange(len(data) // 2, len(data))
        odd = [0, 1, 2, 0x28, 0x29, 0x4B, 0x68, 0x71, 0x72, 0x85, 0x86, 0xFF]
        changed[at] = chance.choice([*odd, chance.randrange(256)])
        assert outcome(bytes(changed)) == slowly(monkeypatch, bytes(changed)), at


def test_that_many_tensors_open_in_one_pass(tmp_path):
    content = {f"layer.{n}.weight": torch.full((2, 2), float(n)) for n in range(2000)}
    torch.save(content, tmp_path / "many.pt")
    with open_checkpoint(tmp_path / "many.pt") as checkpoint:
        assert len(checkpoint.tensors) == 2000
        assert checkpoint.read("layer.1999.weight").tolist() == [1999.0] * 4
