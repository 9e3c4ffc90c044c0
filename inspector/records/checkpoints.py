"""A checkpoint as the window sees it: its tensors as columns, other contents as a tree, statistics as they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from inspector.records.problem import Problem
from inspector.records.tensors import Histogram, Statistics

#: Bins of the small histograms in the tree.
TREE_BINS = 32

Judgement = Literal["harmless", "unknown", "dangerous"]


@dataclass(frozen=True)
class TensorTable:
    """All tensors of a checkpoint, one row each, in the order of the file. Every column has one entry per row.

    Names are safe to draw as plain text: control and direction characters are escaped. A composed tensor (sparse,
    nested, a subclass) comes before the rows of its parts.

    Attributes:
        names: keys joined by dots.
        sections, section_index: groups (`weights`, `optimizer`, …; in a folder, its files). int32.
        kinds, kind_index: `dense`, `sparse_coo`, `quantised`, `meta`, `missing`, `gguf`, …. int32.
        dtypes, dtype_index: as the file calls them. int32.
        shapes: sizes; never None.
        elements: number of elements, at most 2^62. int64.
        bytes: what the values take in the file; 0 for what cannot be read. int64.
        shared_with: row of the tensor that it is the same as, -1 for none. int32.
        part_of: row of the composed tensor that it is a part of, -1 for none. int32.
        parameters: whether the file says that it is an `nn.Parameter`. bool.
        readable: whether its values can be shown. bool.
        notes: badges, separated by ` · `.
        problems: why its values cannot be read, or empty.
    """

    names: list[str]
    sections: list[str]
    section_index: np.ndarray
    kinds: list[str]
    kind_index: np.ndarray
    dtypes: list[str]
    dtype_index: np.ndarray
    shapes: list[list[int] | None]
    elements: np.ndarray
    bytes: np.ndarray
    shared_with: np.ndarray
    part_of: np.ndarray
    parameters: np.ndarray
    readable: np.ndarray
    notes: list[str]
    problems: list[str]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class ObjectTable:
    """What is not a tensor, as a tree: settings, counters, hyper-parameters, objects that were not loaded.

    Attributes:
        parents: row of the parent, -1 at the top; always before the child. int32.
        labels: keys, indices, attribute names.
        texts: the value in one line, or what the object is.
        kinds: `map`, `list`, `object`, `value`, `same` (shown elsewhere) or `more` (cut here).
    """

    parents: np.ndarray
    labels: list[str]
    texts: list[str]
    kinds: list[str]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class GlobalTable:
    """What loading the file with Python would import, the dangerous first and the harmless last.

    Attributes:
        names: module and name.
        called: whether it would be called, not only imported. bool.
        uses: how often it is named. int64.
        judgements: `dangerous` (known to run commands or code), `unknown`, `harmless`.
        weights_only: whether `torch.load(weights_only=True)` lets it pass. bool.
    """

    names: list[str]
    called: np.ndarray
    uses: np.ndarray
    judgements: list[str]
    weights_only: np.ndarray

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Share:
    """A part of a checkpoint: a section, or all tensors of one dtype.

    Attributes:
        name: of the section or dtype.
        tensors, elements, bytes: in it; tied tensors and parts count once.
    """

    name: str
    tensors: int
    elements: int
    bytes: int


@dataclass(frozen=True)
class CheckpointInfo:
    """The open checkpoint in one line, and its mix.

    Attributes:
        path: as it was opened.
        format: short and stable (`torch`, `safetensors`, `sharded`, …).
        title: the format in words.
        file_bytes: of all files behind it.
        tensors, elements, bytes: totals; tied tensors and parts count once.
        sections, dtypes: shares of the whole, largest first.
        chosen: the section that is shown first and loaded unless another one is asked for.
        verifiable: whether the file has checksums to compare with.
        runnable: whether it holds a pickled module or a TorchScript archive that could be run.
    """

    path: str
    format: str
    title: str
    file_bytes: int
    tensors: int
    elements: int
    bytes: int
    sections: tuple[Share, ...]
    dtypes: tuple[Share, ...]
    chosen: str
    verifiable: bool = False
    runnable: bool = False


@dataclass(frozen=True)
class CheckpointOpened:
    """Everything that the headers of a checkpoint say.

    Attributes:
        metadata: what the file says about itself, as one JSON text.
        warnings: the banner, worst first.
    """

    info: CheckpointInfo
    table: TensorTable
    objects: ObjectTable
    globals: GlobalTable
    metadata: str = "{}"
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class TensorStatistics:
    """Statistics of one tensor.

    Attributes:
        row: of the table.
        statistics: exact; None when there are none.
        histogram: of its finite values; says whether it is a sample.
        note: of what they are, when not simply of all values (`of magnitudes`, `of the 12 stored values`).
        problem: why there are none, or empty.
    """

    row: int
    statistics: Statistics | None
    histogram: Histogram | None = None
    note: str = ""
    problem: str = ""


@dataclass(frozen=True)
class StatisticsRows:
    """Statistics of some rows, as they become known.

    Attributes:
        rows: of the table. int32.
        statistics: float64, rows × `STATISTICS`; NaN throughout where there are none.
        histograms: float32, rows × `TREE_BINS`, in equal bins from minimum to maximum.
        sampled: how many values a histogram was taken of, 0 for all of them. int64.
        notes: of what they are, where that needs saying.
        problems: why there are none.
        done_bytes, total_bytes: progress through the whole.
        finished: whether these are the last ones.
    """

    rows: np.ndarray
    statistics: np.ndarray
    histograms: np.ndarray
    sampled: np.ndarray
    notes: list[str]
    problems: list[str]
    done_bytes: int
    total_bytes: int
    finished: bool = False


@dataclass(frozen=True)
class TensorPlace:
    """Where a tensor lies, in words and numbers.

    Attributes:
        row: of the table.
        keys: the keys that lead to it, one by one.
        file: that holds it, empty when there is none.
        begin: offset of its first byte in the file, -1 when it has no place of its own (compressed, in pieces).
        storage: name and size of the storage that it views, or empty.
        stride: steps in elements.
        offset: first element within the storage.
        device: that it was saved from.
        snippet: Python lines that read it.
    """

    row: int
    keys: tuple[str, ...]
    file: str
    begin: int
    storage: str
    stride: tuple[int, ...]
    offset: int
    device: str
    snippet: str


@dataclass(frozen=True)
class ValueBox:
    """A part of a tensor's values, for a table.

    Attributes:
        row: of the table.
        begin: index of its first value in each dimension.
        values: in the tensor's own numbers (float32 for dtypes that numpy does not know); real parts of complex ones.
        imaginary: imaginary parts, or None.
    """

    row: int
    begin: tuple[int, ...]
    values: np.ndarray
    imaginary: np.ndarray | None = None


@dataclass(frozen=True)
class SingularValues:
    """Singular values of a matrix, largest first.

    Attributes:
        row: of the table.
        values: float64.
        complete: False when only the largest were worked out.
        energy: share of the sum of squares that they hold, 0…1.
        note: of what matrix (`as 64 × 576, the kernels flattened`).
    """

    row: int
    values: np.ndarray
    complete: bool
    energy: float
    note: str = ""
