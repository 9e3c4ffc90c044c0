"""Watches one trial run: which input reached which operation, and which operation failed with what."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from inspector.core.inputs.nested import tensors_in

#: Functions that only arrange values anew.
_ARRANGING = frozenset(
    (
        *("view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "transpose", "permute", "t", "expand"),
        *("contiguous", "clone", "detach", "to", "long", "int", "type", "__getitem__", "chunk", "split", "unbind"),
    )
)


@dataclass(frozen=True)
class Track:
    """Where a tensor comes from.

    Attributes:
        origins: numbers of the inputs (guesses) that it was made of.
        weighted: whether parameters have gone into it; if not, its sizes are still the input's own.
        computed: whether its values are others than the input's, and not only in another arrangement.
    """

    origins: frozenset[int]
    weighted: bool = False
    computed: bool = False


@dataclass(frozen=True)
class Operation:
    """One call of a torch function."""

    name: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    def argument(self, place: int, name: str, default: Any = None) -> Any:
        """An argument that may have been given by place or by name."""
        return self.args[place] if place < len(self.args) else self.kwargs.get(name, default)


@dataclass(frozen=True)
class Use:
    """The first operation with weights that an input goes into.

    Attributes:
        operation: its name (`linear`, `conv2d`, `embedding`).
        owner: the module whose weights these are.
        raw_first: the operation that the input went through before anything else.
    """

    operation: str
    owner: nn.Module
    raw_first: str


@dataclass
class Findings:
    """What a trial showed.

    Attributes:
        output: what the model returned.
        error: what it raised, None when it ran.
        operation: the operation that raised it, None when it was raised between operations.
        frames: modules whose forward was running, outermost first, each with the frame it stopped in.
        steps: operations that succeeded; a draft that gets further is nearer the truth.
        uses: the first weighted operation of each input.
        rows: by input, how many rows each table has that it was an index into; what was computed from it counts only
            where the input itself is no index.
        collapsed: flattenings that moved values from one sample to another: the sizes then only seem to fit.
    """

    output: Any = None
    error: Exception | SystemExit | None = None
    operation: Operation | None = None
    frames: list[tuple[nn.Module, FrameType]] = field(default_factory=list)
    steps: int = 0
    uses: dict[int, Use] = field(default_factory=dict)
    rows: dict[int, list[int]] = field(default_factory=dict)
    computed_rows: dict[int, list[int]] = field(default_factory=dict)
    collapsed: list[Operation] = field(default_factory=list)
    tracks: Tracks = field(default_factory=lambda: Tracks())

    @property
    def ran(self) -> bool:
        """Whether the model ran."""
        return self.error is None


class Tracks:
    """The track of every tensor that is still alive, by identity."""

    def __init__(self) -> None:
        self._tracks: dict[int, tuple[weakref.ref[torch.Tensor], Track]] = {}

    def set(self, tensor: torch.Tensor, track: Track) -> None:
        """Remember where a tensor comes from."""
        self._tracks[id(tensor)] = (weakref.ref(tensor), track)

    def of(self, value: Any) -> Track | None:
        """Where a value comes from, None for what no input went into."""
        found = self._tracks.get(id(value))
        return found[1] if found is not None and found[0]() is value else None

    def known(self, values: Iterable[Any]) -> list[Track]:
        """The tracks of those values that have one."""
        return [track for track in map(self.of, values) if track is not None]


class Probe(TorchFunctionMode):
    """Sees every torch function while it is active; knows the inputs by identity and follows what becomes of them."""

    def __init__(self, model: nn.Module, inputs: Iterable[torch.Tensor]) -> None:
        super().__init__()
        self.findings = Findings()
        self._owners: dict[int, nn.Module] = {}
        for module in model.modules():
            for tensor in (*module.parameters(recurse=False), *module.buffers(recurse=False)):
                self._owners.setdefault(id(tensor), module)
        self._first_operation: dict[int, str] = {}
        self._failed: tuple[Operation, BaseException] | None = None
        for number, tensor in enumerate(inputs):
            self.findings.tracks.set(tensor, Track(frozenset((number,))))

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call the function, and note what went in and came out."""
        kwargs = kwargs or {}
        name = getattr(func, "__name__", str(func))
        operation = Operation(name, args, kwargs)
        try:
            _check_indices(operation)
            result = func(*args, **kwargs)
        except BaseException as error:
            if self._failed is None or self._failed[1] is not error:
                self._failed = (operation, error)
            raise
        self._note(operation, result)
        return result

    def conclude(self, error: Exception | SystemExit | None, output: Any = None) -> Findings:
        """The findings, once the run is over."""
        self.findings.output, self.findings.error = output, error
        if error is not None:
            self.findings.frames = module_frames(error)
            if self._failed is not None and self._failed[1] is error:
                self.findings.operation = self._failed[0]
        return self.findings

    def _note(self, operation: Operation, result: Any) -> None:
        made = list(tensors_in(result))
        if not made:
            return
        findings = self.findings
        findings.steps += 1
        taken = list(tensors_in((operation.args, tuple(operation.kwargs.values()))))
        tracks = findings.tracks.known(taken)
        if not tracks:
            return
        owners = [self._owners[id(each)] for each in taken if id(each) in self._owners]
        origins = frozenset[int]().union(*(track.origins for track in tracks))
        weighted = bool(owners) or any(track.weighted for track in tracks)
        computed = operation.name not in _ARRANGING or any(track.computed for track in tracks)
        self._note_uses(operation, [track for track in tracks if not track.weighted], owners)
        _note_rows(findings, operation)
        if _is_collapse(operation, made[0]):
            findings.collapsed.append(operation)
        for each in made:
            if not any(each is other for other in taken):
                findings.tracks.set(each, Track(origins, weighted, computed))

    def _note_uses(self, operation: Operation, raw: list[Track], owners: list[nn.Module]) -> None:
        for number in {number for track in raw for number in track.origins}:
            if operation.name != "__get__":  # `x.shape`
                self._first_operation.setdefault(number, operation.name)
            if owners and number not in self.findings.uses:
                self.findings.uses[number] = Use(operation.name, owners[0], self._first_operation.get(number, ""))


def module_frames(error: BaseException) -> list[tuple[nn.Module, FrameType]]:
    """Frames of the traceback whose `self` is a module, outermost first; torch's `__call__` machinery is left out."""
    found = []
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        code = frame.f_code
        subject = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
        if isinstance(subject, nn.Module) and code.co_name not in ("_call_impl", "_wrapped_call_impl"):
            found.append((subject, frame))
        trace = trace.tb_next
    return found


def _check_indices(operation: Operation) -> None:
    """On an accelerator an index beyond its table kills the whole context, not only the call: refuse it before."""
    for indices, rows in indexed_tables(operation):
        if indices.device.type in ("cpu", "meta") or indices.is_floating_point() or not indices.numel():
            continue
        if int(indices.max()) >= rows or int(indices.min()) < -rows:
            raise IndexError(f"index out of range: {int(indices.max())} in a table of {rows} rows")


def _note_rows(findings: Findings, operation: Operation) -> None:
    """Tables that an input indexes: an embedding's weight, a parameter, a one-hot encoding of so many classes."""
    for indices, rows in indexed_tables(operation):
        track = findings.tracks.of(indices)
        if track is not None and not track.weighted and not indices.is_floating_point():
            found = findings.computed_rows if track.computed else findings.rows
            for number in track.origins:
                found.setdefault(number, []).append(rows)


def indexed_tables(operation: Operation) -> list[tuple[torch.Tensor, int]]:
    """Index tensors of an operation, each with the number of rows of the table that it points into."""
    first, second = operation.argument(0, "input"), operation.argument(1, "weight")
    if operation.name in ("embedding", "embedding_bag") and isinstance(first, torch.Tensor):
        weight = second if isinstance(second, torch.Tensor) else None
        if weight is not None and weight.dim() != 2 and first.dim() == 2:  # torch.embedding(weight, indices)
            first, weight = weight, first
        return [(first, weight.shape[0])] if weight is not None else []
    if operation.name == "one_hot" and isinstance(first, torch.Tensor):
        classes = operation.argument(1, "num_classes", -1)
        return [(first, classes)] if classes > 0 else []
    if operation.name == "__getitem__" and isinstance(first, torch.Tensor) and first.dim():
        index = operation.args[1]
        lead = index[0] if isinstance(index, tuple) and index else index
        is_index = isinstance(lead, torch.Tensor) and lead.dtype in (torch.int64, torch.int32)
        return [(lead, first.shape[0])] if is_index else []
    if operation.name == "index_select" and isinstance(first, torch.Tensor) and isinstance(second, int):
        index = operation.argument(2, "index")
        return [(index, first.shape[second])] if isinstance(index, torch.Tensor) else []
    return []


def _is_collapse(operation: Operation, made: torch.Tensor) -> bool:
    """`x.view(-1, 400)` of pictures that have another number of features: rows of several samples or half ones."""
    if operation.name not in ("view", "reshape"):
        return False
    taken = operation.args[0]
    sizes = operation.args[1:]
    sizes = tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], tuple | list | torch.Size) else sizes
    if not isinstance(taken, torch.Tensor) or taken.dim() < 3 or not sizes or sizes[0] != -1:
        return False
    if made.dim() > 2:
        return made.dim() == taken.dim() and made.shape[0] != taken.shape[0] and made.shape[1:] != taken.shape[1:]
    return made.dim() == 2 and made.shape[0] != taken.shape[0] and made.shape[1] != taken.shape[-1]
