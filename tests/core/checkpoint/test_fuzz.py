"""Whatever the bytes are: rows, or one InspectorError that is not our own mistake; nothing is run, in bounded time."""

from __future__ import annotations

import io
import itertools
import json
import random
import struct
import sys
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.core.checkpoint import Checkpoint, open_checkpoint
from inspector.core.checkpoint.look import look_at
from inspector.records.codec import encode
from inspector.records.problem import InspectorError, Problem
from tests.core.checkpoint.conftest import archive_of, torch_file, zip_of

#: What a file that is only looked at must never lead to.
FORBIDDEN = frozenset(
    {"os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "subprocess.Popen", "pickle.find_class",
     "socket.connect", "os.remove", "os.rename", "os.mkdir", "shutil.rmtree", "ctypes.dlopen"}
)  # fmt: skip
watching: list[str] = []
_armed = False


def _audit(event: str, arguments: tuple) -> None:
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if _armed and (event in FORBIDDEN or writes):
        watching.append(f"{event} {arguments!r:.200}")


sys.addaudithook(_audit)


def problem_in(act: Callable[..., object], *arguments: object) -> Problem | None:
    """What hinders an act, when something does."""
    try:
        act(*arguments)
    except InspectorError as error:
        return error.problem
    return None


def use_everything(path: Path) -> Iterator[Problem | None]:
    """Open a file and do with it what a person can; gives the problems."""
    opened: list[Checkpoint] = []
    yield problem_in(lambda: opened.append(open_checkpoint(path, salvage=True)))
    for checkpoint in opened:
        encode(checkpoint.opened())
        yield problem_in(list, itertools.islice(checkpoint.statistics_all(), 20))
        for row in range(min(8, len(checkpoint.tensors))):
            checkpoint.place(row)
            yield problem_in(checkpoint.read, row, 0, 10)
            yield problem_in(checkpoint.read_values, row, slice(0, 3))
            yield problem_in(look_at, checkpoint, row)
            yield problem_in(checkpoint.verify, row)
        checkpoint.close()


def survive(data: bytes, path: Path, seconds: float = 5.0) -> None:
    """Open, list, read and measure everything; only sentences may come out."""
    global _armed
    path.write_bytes(data)
    began = time.perf_counter()
    watching.clear()
    _armed = True
    try:
        problems = list(filter(None, use_everything(path)))
    finally:
        _armed = False
    for problem in problems:
        assert problem.id != "checkpoint.damaged", problem.detail
        assert problem.message
        assert "\n" not in problem.message
    assert not watching
    assert time.perf_counter() - began < seconds


def legacy() -> bytes:
    buffer = io.BytesIO()
    torch.save({"a": torch.ones(3), "b": {"c": torch.arange(4)}}, buffer, _use_new_zipfile_serialization=False)
    return buffer.getvalue()


def odd_objects() -> bytes:
    content = {
        "coo": torch.eye(3).to_sparse(), "q": torch.quantize_per_tensor(torch.ones(4), 0.1, 0, torch.qint8),
        "f8": torch.ones(4).to(torch.float8_e5m2), "view": torch.arange(12.0).reshape(3, 4).t(), "n": 3, "t": (1, "x"),
        "module": torch.nn.Linear(2, 2), "set": {1, 2}, "meta": torch.empty(2, device="meta"),
    }  # fmt: skip
    return archive_of(content)


def compressed() -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive_of({"a": torch.zeros(500)}))) as archive:
        return zip_of({name: archive.read(name) for name in archive.namelist()}, zipfile.ZIP_DEFLATED)


def scripted() -> bytes:
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), buffer)
    return buffer.getvalue()


def exported() -> bytes:
    buffer = io.BytesIO()
    torch.export.save(torch.export.export(torch.nn.Linear(2, 2), (torch.ones(1, 2),)), buffer)
    return buffer.getvalue()


def gguf() -> bytes:
    def text(value: bytes) -> bytes:
        return struct.pack("<Q", len(value)) + value

    pairs = text(b"general.alignment") + struct.pack("<II", 4, 32)
    pairs += text(b"tokens") + struct.pack("<IIQ", 9, 8, 2) + text(b"a") + text(b"b")
    tensors = text(b"w") + struct.pack("<IQQIQ", 2, 4, 2, 0, 0) + text(b"q") + struct.pack("<IQIQ", 1, 32, 8, 32)
    head = b"GGUF" + struct.pack("<IQQ", 3, 2, 2) + pairs + tensors
    return head + bytes(-len(head) % 32) + bytes(32 + 34)


@pytest.fixture(scope="module")
def samples() -> dict[str, bytes]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "torch": archive_of({"a": torch.ones(3), "b": torch.arange(4)}),
            "odd objects": odd_objects(),
            "legacy": legacy(),
            "compressed": compressed(),
            "torchscript": scripted(),
            "export": exported(),
            "safetensors": safetensors.torch.save({"a": torch.ones(3), "b": torch.arange(4)}, {"k": "v"}),
            "gguf": gguf(),
            "index": json.dumps({"weight_map": {"a": "x.safetensors", "b": "y.bin"}}).encode(),
        }


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One to four changes: a byte, a run, a number at an edge, a cut, a doubled or a moved piece."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed) or 1)
        kind = chance.randrange(7)
        if kind == 0 and changed:
            changed[at] = chance.randrange(256)
        elif kind == 1 and changed:
            changed[at] ^= 1 << chance.randrange(8)
        elif kind == 2:
            edge = chance.choice([0, 1, 0x7F, 0xFF, 2**31 - 1, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1])
            width = chance.choice([1, 2, 4, 8])
            changed[at : at + width] = (edge & (256**width - 1)).to_bytes(width, "little")
        elif kind == 3:
            del changed[at:]
        elif kind == 4:
            del changed[at : at + chance.randrange(1, 40)]
        elif kind == 5:
            changed[at:at] = changed[at : at + chance.randrange(1, 200)]
        else:
            changed[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 20)))
    return bytes(changed)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name", ["torch", "odd objects", "legacy", "compressed", "torchscript", "export", "safetensors", "gguf", "index"]
)
def test_that_mutations_of_valid_files_end_in_rows_or_a_sentence(samples, tmp_path, name):
    chance = random.Random(name)
    survive(samples[name], tmp_path / "valid")
    for _ in range(250):
        survive(mutated(samples[name], chance), tmp_path / "mutated")


@pytest.mark.filterwarnings("ignore")
def test_that_mutations_of_the_pickle_alone_end_in_rows_or_a_sentence(samples, tmp_path):
    chance = random.Random(7)
    with zipfile.ZipFile(io.BytesIO(samples["odd objects"])) as archive:
        records = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(400):
        survive(
            zip_of({**records, "archive/data.pkl": mutated(records["archive/data.pkl"], chance)}), tmp_path / "mutated"
        )


def test_that_mutations_of_distributed_metadata_end_in_rows_or_a_sentence(tmp_path):
    import torch.distributed.checkpoint as distributed

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        distributed.save({"a": torch.ones(3), "step": 3}, checkpoint_id=str(tmp_path), no_dist=True)
    metadata = (tmp_path / ".metadata").read_bytes()
    chance = random.Random(3)
    for _ in range(300):
        survive(mutated(metadata, chance), tmp_path / ".metadata")
    (tmp_path / ".metadata").write_bytes(metadata)
    data = next(tmp_path.glob("*.distcp")).read_bytes()
    for _ in range(100):
        next(tmp_path.glob("*.distcp")).write_bytes(mutated(data, chance))
        survive(metadata, tmp_path / ".metadata")


NAMES = ["os system", "torch._utils _rebuild_tensor_v2", "torch FloatStorage", "collections OrderedDict", "torch Size",
         "torch._utils _rebuild_parameter", "torch._tensor _rebuild_from_type_v2", "torch device", "torch float32",
         "torch._utils _rebuild_sparse_tensor", "numpy._core.multiarray _reconstruct", "copyreg _reconstructor",
         "builtins set",
         "torch._utils _rebuild_qtensor", "torch._utils _rebuild_nested_tensor", "_codecs encode", "pathlib PosixPath",
         "torch.distributed.tensor DTensor", "numpy dtype", "numpy._core.multiarray scalar",
         "torch Tensor"]  # fmt: skip
NUMBER = st.integers(-(2**66), 2**66)
PIECES = st.one_of(
    st.sampled_from([*b"()]}tRbuseaq0120\x81\x85\x86\x87\x88\x89NQoN\x8f\x90\x91\x92\x93\x94\x97\x98ld"]).map(
        lambda code: bytes([code])
    ),
    st.sampled_from(NAMES).map(lambda name: b"c" + name.replace(" ", "\n").encode() + b"\n"),
    st.sampled_from(NAMES).map(lambda name: b"(i" + name.replace(" ", "\n").encode() + b"\n"),
    st.integers(0, 255).map(lambda n: b"K" + bytes([n])),
    st.integers(0, 40).map(lambda n: b"h" + bytes([n])),
    st.integers(0, 40).map(lambda n: b"q" + bytes([n])),
    NUMBER.map(lambda n: b"\x8a\x09" + n.to_bytes(9, "little", signed=True)),
    st.integers(0, 2**32 - 1).map(lambda n: b"r" + struct.pack("<I", n)),
    st.sampled_from(
        ["storage", "0", "cpu", "a", "f4", "<", "latin1", "_modules", "_parameters", "torch.sparse_coo"]
    ).map(lambda text: b"X" + struct.pack("<I", len(text)) + text.encode()),
    st.floats().map(lambda value: b"G" + struct.pack(">d", value)),
    st.binary(max_size=12).map(lambda raw: b"C" + bytes([len(raw)]) + raw),
    st.just(b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQ"),
    st.binary(min_size=1, max_size=4),
)


STORAGE = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQ"
SIZES = [b"K\x04\x85", b")", b"K\x02K\x02\x86", b"K\x00\x85", b"K\x01K\x02\x86", b"K\x00K\x00\x86"]
TENSOR = st.builds(
    lambda storage, offset, size, stride, more: (
        b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + offset + size + stride + b"\x89" + more + b"tR"
    ),
    st.just(STORAGE) | PIECES,
    st.sampled_from([b"K\x00", b"K\x02", b"N"]),
    st.sampled_from(SIZES),
    st.sampled_from(SIZES),
    st.sampled_from([b"N", b"}(X\x04\x00\x00\x00conj\x88X\x03\x00\x00\x00neg\x88u"]),
)
KEYS = ["a", "_modules", "_parameters", "_buffers", "_local_tensor", "_spec"]


def _called(name: str, arguments: list[bytes], state: bytes) -> bytes:
    made = b"c" + name.replace(" ", "\n").encode() + b"\n(" + b"".join(arguments) + b"tR"
    return made + state + b"b" if state else made


def _mapped(pairs: list[tuple[str, bytes]]) -> bytes:
    keys = (b"X" + struct.pack("<I", len(key)) + key.encode() + value for key, value in pairs)
    return b"}(" + b"".join(keys) + b"u"


OBJECT = st.recursive(
    TENSOR | PIECES,
    lambda inner: (
        st.builds(_called, st.sampled_from(NAMES), st.lists(inner, max_size=8), st.just(b"") | inner)
        | st.lists(inner, max_size=5).map(lambda parts: b"(" + b"".join(parts) + b"t")
        | st.lists(st.tuples(st.sampled_from(KEYS), inner), max_size=4).map(_mapped)
    ),
    max_leaves=16,
)
MANY = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck), "derandomize": True}


@settings(max_examples=400, **MANY)
@given(pieces=st.lists(PIECES, min_size=1, max_size=50))
def test_that_random_opcodes_end_in_rows_or_a_sentence(tmp_path_factory, pieces):
    path = Path(tmp_path_factory.getbasetemp()) / "random.pt"
    survive(torch_file(b"\x80\x02" + b"".join(pieces) + b".", s0=struct.pack("<4f", 1, 2, 3, 4)), path)


@settings(max_examples=400, **MANY)
@given(made=OBJECT)
def test_that_random_calls_of_torch_s_own_functions_end_in_rows_or_a_sentence(tmp_path_factory, made):
    path = Path(tmp_path_factory.getbasetemp()) / "random.pt"
    survive(torch_file(b"\x80\x02" + made + b".", s0=struct.pack("<4f", 1, 2, 3, 4)), path)


VALUE = st.recursive(
    st.none()
    | st.booleans()
    | NUMBER
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["F32", "BF16", "F4", "I64"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
ENTRY = st.fixed_dictionaries(
    {"dtype": st.sampled_from(["F32", "U8", "F4", "F6_E2M3", "X"]) | VALUE,
     "shape": st.lists(st.integers(-1, 9), max_size=3) | VALUE,
     "data_offsets": st.lists(st.integers(-1, 70), min_size=2, max_size=2) | VALUE}
)  # fmt: skip


@settings(max_examples=400, **MANY)
@given(
    header=st.dictionaries(st.text(max_size=5) | st.just("__metadata__"), ENTRY | VALUE, max_size=4),
    length=st.none() | st.integers(0, 2**64 - 1),
)
def test_that_random_safetensors_headers_end_in_rows_or_a_sentence(tmp_path_factory, header, length):
    text = json.dumps(header).encode()
    path = Path(tmp_path_factory.getbasetemp()) / "random.safetensors"
    survive(struct.pack("<Q", len(text) if length is None else length) + text + bytes(64), path)
