"""Made-up runs of made-up models: what the views draw, without torch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from inspector.records.problem import Problem
from inspector.records.runs import CallTable, LiveFrame, RunResult, ValueTable
from inspector.records.tensors import Histogram, Look, Picture, Statistics

NAN = float("nan")


@dataclass
class Layer:
    """A call of a made-up model; its own time in seconds is drawn at random when it is 0."""

    name: str
    type: str
    shape: tuple[int, ...] = (32, 64)
    own_s: float = 0.0
    children: list[Layer] = field(default_factory=list)


def mlp() -> Layer:
    """Linear and ReLU, three times."""
    widths = (128, 64, 10)
    inner = []
    for index, width in enumerate(widths):
        inner.append(Layer(f"layers.{2 * index}", "Linear", (32, width), 80e-6))
        if index < 2:
            inner.append(Layer(f"layers.{2 * index + 1}", "ReLU", (32, width), 12e-6))
    return Layer("", "MLP", (32, 10), 9e-6, [Layer("layers", "Sequential", (32, 10), 6e-6, inner)])


def residual_network(blocks: int = 8) -> Layer:
    """Convolutions in residual blocks."""
    layers = [Layer("stem", "Conv2d", (8, 64, 56, 56), 2e-3), Layer("norm", "BatchNorm2d", (8, 64, 56, 56), 3e-4)]
    for block in range(blocks):
        stage = f"layer{block // 2 + 1}.{block % 2}"
        shape = (8, 64 * 2 ** (block // 2), 56 >> (block // 2), 56 >> (block // 2))
        inner = [
            Layer(f"{stage}.{name}", kind, shape, own)
            for name, kind, own in (
                ("conv1", "Conv2d", 1.6e-3),
                ("bn1", "BatchNorm2d", 2e-4),
                ("relu", "ReLU", 5e-5),
                ("conv2", "Conv2d", 1.7e-3),
                ("bn2", "BatchNorm2d", 2e-4),
                ("relu", "ReLU", 5e-5),
            )
        ]
        layers.append(Layer(stage, "BasicBlock", shape, 6e-5, inner))
    layers += [Layer("pool", "AdaptiveAvgPool2d", (8, 512, 1, 1), 8e-5), Layer("head", "Linear", (8, 10), 6e-5)]
    return Layer("", "ResidualNetwork", (8, 10), 5e-5, layers)


def transformer(blocks: int = 6, width: int = 256) -> Layer:
    """Attention and feed-forward, with its residual stream."""
    shape = (2, 48, width)
    layers = [Layer("embed", "Embedding", shape, 3e-5), Layer("position", "PositionalEncoding", shape, 2e-5)]
    for block in range(blocks):
        name = f"blocks.{block}"
        parts = ("query", "key", "value", "out")
        attention = [Layer(f"{name}.attention.{part}", "Linear", shape, 9e-5) for part in parts]
        layers.append(
            Layer(
                name,
                "Block",
                shape,
                1e-5,
                [
                    Layer(f"{name}.norm1", "LayerNorm", shape, 2e-5),
                    Layer(f"{name}.attention", "SelfAttention", shape, 1.3e-4, attention),
                    Layer(f"{name}.norm2", "LayerNorm", shape, 2e-5),
                    Layer(f"{name}.expand", "Linear", (2, 48, 4 * width), 2.4e-4),
                    Layer(f"{name}.gelu", "GELU", (2, 48, 4 * width), 8e-5),
                    Layer(f"{name}.contract", "Linear", shape, 2.5e-4),
                ],
            )
        )
    layers += [Layer("norm", "LayerNorm", shape, 2e-5), Layer("head", "Linear", (2, 48, 1000), 7e-4)]
    return Layer("", "Transformer", (2, 48, 1000), 3e-5, layers)


def big(modules: int = 500) -> Layer:
    """Very many modules: blocks of nine."""
    kinds = ("Linear", "GELU", "LayerNorm", "Dropout")
    blocks = []
    for block in range(modules // 10):
        inner = [Layer(f"blocks.{block}.{index}", kinds[index % 4]) for index in range(9)]
        blocks.append(Layer(f"blocks.{block}", "Block", children=inner))
    return Layer("", "Big", children=[Layer("blocks", "Sequential", children=blocks)])


@dataclass
class Flat:
    """A model's calls in order, with their own and total times."""

    layers: list[Layer]
    table: CallTable
    start_s: np.ndarray
    seconds: np.ndarray
    self_seconds: np.ndarray


def flatten(model: Layer, random: np.random.Generator) -> Flat:
    """The calls of a model in the order in which they begin."""
    layers: list[Layer] = []
    depths, parents, starts, totals, own = [], [], [], [], []

    def visit(layer: Layer, parent: int, depth: int, start: float) -> float:
        row = len(layers)
        layers.append(layer)
        depths.append(depth)
        parents.append(parent)
        own.append((layer.own_s or float(random.uniform(5e-6, 2e-4))) * float(random.uniform(0.9, 1.15)))
        starts.append(start)
        totals.append(0.0)
        at = start + own[row] / 2
        for child in layer.children:
            at += visit(child, row, depth + 1, at)
        totals[row] = at + own[row] / 2 - start
        return totals[row]

    visit(model, -1, 0, 0.0)
    seen: dict[str, int] = {}
    calls = []
    for layer in layers:
        calls.append(seen.get(layer.name, 0))
        seen[layer.name] = calls[-1] + 1
    table = CallTable(
        [layer.name for layer in layers],
        [layer.type for layer in layers],
        np.array(calls, np.int32),
        np.array(depths, np.int32),
        np.array(parents, np.int32),
    )
    return Flat(layers, table, np.array(starts), np.array(totals), np.array(own))


def statistics_for(flat: Flat, random: np.random.Generator, drift: float = 0.0) -> np.ndarray:
    """Plausible statistics of each call, calls × `STATISTICS`."""
    result = np.zeros((len(flat.layers), 8))
    steady = np.random.default_rng(7)
    for row, layer in enumerate(flat.layers):
        std = float(np.exp(steady.normal(-0.6, 0.8))) * (1 + drift) * float(random.uniform(0.95, 1.05))
        mean = float(steady.normal(0, 0.2)) * std + float(random.normal(0, 0.02)) * std
        numel = int(np.prod(layer.shape))
        low, high, zeros = mean - 3.8 * std, mean + 4.1 * std, 0
        if layer.type in ("ReLU", "GELU"):
            low, mean = 0.0, 0.4 * std
            zeros = int(numel * (0.5 + 0.05 * steady.normal())) if layer.type == "ReLU" else 0
        result[row] = (mean, std, low, high, 0, 0, zeros, numel)
    return result


def make_run(model: Layer, steps: int = 1, uncalled: tuple[str, ...] = (), seed: int = 0) -> RunResult:
    """A run of a made-up model."""
    random = np.random.default_rng(seed)
    flat = flatten(model, random)
    number = len(flat.layers)
    values = ValueTable(
        np.arange(number, dtype=np.int32),
        np.ones(number, bool),
        [""] * number,
        ["tensor"] * number,
        [list(layer.shape) for layer in flat.layers],
        ["float32"] * number,
        ["cpu"] * number,
        [""] * number,
        statistics_for(flat, random),
        np.zeros(number, bool),
    )
    return RunResult(
        flat.table,
        values,
        flat.start_s,
        flat.seconds,
        flat.self_seconds,
        flat.seconds * 0.97,
        flat.seconds * random.uniform(1.02, 1.3, number),
        np.zeros(number, bool),
        steps,
        float(flat.seconds[0]),
        "perf_counter_ns",
        {layer.name: list(layer.shape) for layer in flat.layers},
        list(uncalled),
    )


def broken_run(model: Layer, at: str) -> RunResult:
    """A run that ended by an exception in the module `at`: the calls after it are missing."""
    whole = make_run(model)
    end = whole.calls.names.index(at) + 1
    columns = (getattr(whole.calls, name)[:end] for name in ("names", "types", "calls", "depths", "parents"))
    calls = CallTable(*columns)
    raised = np.zeros(end, bool)
    row = end - 1
    while row >= 0:
        raised[row] = True
        row = int(calls.parents[row])
    gave = np.flatnonzero(~raised)
    values = whole.values
    values = ValueTable(
        values.call[gave],
        values.output[gave],
        [""] * len(gave),
        ["tensor"] * len(gave),
        [values.shapes[row] for row in gave],
        ["float32"] * len(gave),
        ["cpu"] * len(gave),
        [""] * len(gave),
        values.statistics[gave],
        values.sampled[gave],
    )
    arrays = {name: getattr(whole, name)[:end] for name in ("start_s", "seconds", "self_seconds", "p50_s", "p95_s")}
    problem = Problem("run.raised", "error", "RuntimeError: mat1 and mat2 shapes cannot be multiplied", module=at)
    return replace(
        whole, calls=calls, values=values, raised=raised, uncalled=whole.calls.names[end:], failure=problem, **arrays
    )


class LiveModel:
    """A made-up model that runs live, step by step."""

    def __init__(self, model: Layer, seed: int = 1, layout: int = 1) -> None:
        self.random = np.random.default_rng(seed)
        self.flat = flatten(model, self.random)
        self.layout = layout
        self.step = 0
        self.bad: dict[str, int] = {}

    def frame(self, look: Look | None = None, with_calls: bool | None = None) -> LiveFrame:
        """The next frame."""
        self.step += 4
        statistics = statistics_for(self.flat, self.random, 0.3 * float(np.sin(self.step / 90)))
        for row, layer in enumerate(self.flat.layers):
            if layer.name in self.bad:
                statistics[row, 4] = self.bad[layer.name]
        noise = self.random.uniform(0.9, 1.3)
        first = self.step == 4 if with_calls is None else with_calls
        times = [times.astype(np.float32) for times in (self.flat.start_s, self.flat.seconds, self.flat.self_seconds)]
        return LiveFrame(
            self.step,
            132.4,
            self.layout,
            self.flat.table if first else None,
            statistics.astype(np.float32),
            *(time * noise for time in times),
            times[1] * 0.98,
            times[1] * 1.25,
            0.031,
            look,
        )


def make_look(
    subject: str, picture: Picture | None, shape: tuple[int, ...], call: int = 0, seed: int = 3, **changes: object
) -> Look:
    """A close look at made-up values."""
    random = np.random.default_rng(seed)
    values = random.normal(0.1, 0.6, 20_000)
    counts, edges = np.histogram(values, 64)
    numel = int(np.prod(shape))
    statistics = Statistics(
        float(values.mean()), float(values.std()), float(values.min()), float(values.max()), 0, 0, numel // 9, numel
    )
    histogram = Histogram(counts.astype(float), edges, 4096 if numel > 100_000 else 0)
    look = Look(subject, call, "", 1, shape, "float32", "cpu", numel * 4, statistics, histogram, picture)
    return replace(look, **changes)


def vector_picture(size: int = 64) -> Picture:
    """A wave."""
    values = np.sin(np.arange(size) / 5) * np.linspace(1, 0.2, size)
    return Picture("vector", values[None].astype(np.float32))


def matrix_picture(rows: int = 48, columns: int = 256) -> Picture:
    """Tokens × features with some structure."""
    random = np.random.default_rng(5)
    structure = random.normal(0, 1, (rows, 4)) @ random.normal(0, 0.5, (4, columns))
    values = structure + random.normal(0, 0.3, (rows, columns))
    return Picture("matrix", values.astype(np.float32), "batch 0 of 2", ("token", "feature"))


def maps_picture(number: int = 64, size: int = 28) -> Picture:
    """Feature maps: blobs of different sizes."""
    random = np.random.default_rng(6)
    grid = np.stack(np.meshgrid(np.linspace(-1, 1, size), np.linspace(-1, 1, size)))
    maps = []
    for _ in range(number):
        centre, width = random.uniform(-0.7, 0.7, (2, 1, 1)), random.uniform(0.15, 0.6)
        blob = np.exp(-((grid - centre) ** 2).sum(0) / width**2)
        maps.append(np.maximum(blob * random.uniform(0.5, 3) - 0.1 + random.normal(0, 0.05, (size, size)), 0))
    return Picture("maps", np.stack(maps).astype(np.float32), "image 0 of 8, every 2nd row and column")


def image_picture(height: int = 48, width: int = 64) -> Picture:
    """A colour image."""
    y, x = np.mgrid[0:height, 0:width]
    return Picture("image", np.stack([x / width, y / height, 0.5 + 0.4 * np.sin(x / 5)], 2).astype(np.float32))
