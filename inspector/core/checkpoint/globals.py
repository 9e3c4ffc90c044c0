"""What loading a pickle with Python would import and call: which of it is harmless, which a person must know of.

A scan is advice and never a key: nothing here decides whether anything is run. Our own reader runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from inspector.core.checkpoint.dtypes import dtype_named
from inspector.core.checkpoint.nodes import Graph
from inspector.core.checkpoint.plain import shown
from inspector.records.problem import Problem

Judgement = Literal["harmless", "unknown", "dangerous"]

#: What `torch.load(weights_only=True)` allows without being asked (torch 2.13), dtypes and storages aside.
_TORCH = frozenset(
    """
    collections.OrderedDict collections.Counter builtins.set builtins.complex builtins.bytearray _codecs.encode
    torch.Size torch.Tensor torch.device torch.nn.parameter.Parameter torch.serialization._get_layout
    torch.per_tensor_affine torch.per_tensor_symmetric torch.per_channel_affine torch.per_channel_symmetric
    torch.per_channel_affine_float_qparams torch._tensor._rebuild_from_type_v2 torch._utils._rebuild_parameter
    torch._utils._rebuild_parameter_with_state torch._utils._rebuild_qtensor torch._utils._rebuild_tensor
    torch._utils._rebuild_tensor_v2 torch._utils._rebuild_tensor_v3 torch._utils._rebuild_sparse_tensor
    torch._utils._rebuild_meta_tensor_no_storage torch._utils._rebuild_nested_tensor
    torch._utils._rebuild_wrapper_subclass torch._utils._rebuild_device_tensor_from_numpy
    torch._utils._rebuild_device_tensor_from_cpu_tensor
    """.split()  # noqa: SIM905
)
#: Plain containers and values that call nothing of their arguments; weights_only refuses them all the same.
_PLAIN = frozenset(
    """
    builtins.frozenset builtins.list builtins.dict builtins.tuple builtins.int builtins.float builtins.str
    builtins.bytes builtins.bool builtins.object builtins.slice builtins.range collections.defaultdict
    collections.deque datetime.datetime datetime.date datetime.timedelta datetime.timezone pathlib.PosixPath
    pathlib.WindowsPath pathlib.PurePosixPath pathlib.Path pathlib._local.PosixPath uuid.UUID decimal.Decimal
    argparse.Namespace copyreg._reconstructor copyreg.__newobj__ types.SimpleNamespace builtins.Ellipsis
    builtins.NotImplemented numpy.ndarray numpy.dtype numpy.core.multiarray._reconstruct
    numpy._core.multiarray._reconstruct numpy.core.multiarray.scalar numpy._core.multiarray.scalar
    numpy.core.numeric._frombuffer numpy._core.numeric._frombuffer torch._utils._rebuild_xla_tensor
    torch._tensor._rebuild_from_type torch.torch_version.TorchVersion
    """.split()  # noqa: SIM905
)
#: Modules whose functions run commands, code or files, whatever they are called with.
_DANGEROUS_MODULES = frozenset(
    """
    os posix nt posixpath ntpath sys subprocess _posixsubprocess pty shutil socket _socket ssl socketserver asyncio
    runpy code codeop importlib imp pkgutil zipimport ctypes _ctypes cffi multiprocessing _multiprocessing threading
    _thread signal webbrowser urllib http ftplib smtplib telnetlib poplib imaplib nntplib xmlrpc requests httpx
    aiohttp paramiko fabric tempfile glob fileinput linecache pdb bdb cProfile profile trace timeit doctest unittest
    pytest pip ensurepip venv setuptools distutils pydoc idlelib tkinter platform commands operator types marshal
    pickle _pickle cPickle shelve dill cloudpickle joblib gc resource atexit sched builtins nturl2path antigravity
    this lib2to3
    """.split()  # noqa: SIM905
)
_DANGEROUS_NAMES = frozenset(
    """
    torch.load torch.hub.load torch.hub.download_url_to_file torch.hub.load_state_dict_from_url torch.save
    torch.jit.load torch.serialization.load torch.utils.cpp_extension.load torch.utils.cpp_extension.load_inline
    torch.storage._load_from_bytes torch.package.PackageImporter numpy.load numpy.save numpy.savetxt numpy.fromfile
    numpy.memmap numpy.f2py.crackfortran.myeval numpy.testing._private.utils.runstring pandas.eval
    pandas.read_pickle pandas.io.pickle.read_pickle yaml.load yaml.unsafe_load
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class GlobalUse:
    """One name that loading would import.

    Attributes:
        name: module and name.
        called: whether it would also be called.
        uses: how often it is named.
        judgement: `harmless` (torch's own rebuilding, plain containers), `dangerous` (known to run commands or code),
            else `unknown`.
        weights_only: whether `torch.load(weights_only=True)` lets it pass.
    """

    name: str
    called: bool
    uses: int
    judgement: Judgement
    weights_only: bool


def judge(module: str, name: str) -> tuple[Judgement, bool]:
    """What importing and calling a name can do, and whether torch's weights_only reader lets it pass."""
    full = f"{module}.{name}"
    if full in _TORCH or _is_torch_type(module, name):
        return "harmless", True
    if full in _PLAIN or (module.startswith("torch.nn.modules.") and name[:1].isupper() and "." not in name):
        return "harmless", False
    if module.startswith("__torch__") or module == "torch.jit._pickle":
        return "harmless", True
    top = module.partition(".")[0]
    if full in _DANGEROUS_NAMES or top in _DANGEROUS_MODULES or module in ("?", "copyreg"):
        return "dangerous", False
    return "unknown", False


def _is_torch_type(module: str, name: str) -> bool:
    if "." in name:
        return False
    storage = module in ("torch", "torch.cuda", "torch.storage") and name.endswith("Storage")
    tensor = module in ("torch", "torch.cuda", "torch.sparse", "torch.cuda.sparse") and name.endswith("Tensor")
    return storage or tensor or (module == "torch" and dtype_named(name) is not None)


def uses_of(graphs: Iterable[Graph]) -> list[GlobalUse]:
    """Every global of several pickles: first the dangerous ones, then the unknown, each in order of appearance."""
    merged: dict[str, GlobalUse] = {}
    for graph in graphs:
        for (module, name), node in graph.globals.items():
            judgement, weights_only = judge(module, name)
            before = merged.get(node.full_name)
            called = node.called or (before is not None and before.called)
            uses = node.uses + (before.uses if before is not None else 0)
            merged[node.full_name] = GlobalUse(shown(node.full_name, 300), called, uses, judgement, weights_only)
    order: dict[Judgement, int] = {"dangerous": 0, "unknown": 1, "harmless": 2}
    return sorted(merged.values(), key=lambda use: order[use.judgement])


def problems_of(uses: list[GlobalUse], computed_calls: int = 0) -> list[Problem]:
    """The banner: what the file asks to run, and which classes it needs."""
    found: list[Problem] = []
    dangerous = [use.name for use in uses if use.judgement == "dangerous"]
    if dangerous:
        message = f"This file asks to run {_listed(dangerous)} when loaded by torch. Nothing was run."
        found.append(
            Problem("checkpoint.runs_code", "error", message, advice="Do not load it with weights_only=False.")
        )
    elif computed_calls:
        message = "This file asks to call something that it computes while loading. Nothing was run."
        found.append(
            Problem("checkpoint.runs_code", "error", message, advice="Do not load it with weights_only=False.")
        )
    refused = [use.name for use in uses if not use.weights_only and use.judgement != "dangerous"]
    if refused:
        message = f"Needs {_listed(refused)}; torch.load(weights_only=True) will refuse it. They are shown, not loaded."
        found.append(Problem("checkpoint.needs_classes", "note", message))
    return found


def _listed(names: list[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
