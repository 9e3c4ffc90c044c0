"""Where a tensor lies in its file, and how to read it from Python."""

from __future__ import annotations

from inspector.core.checkpoint.entries import TensorEntry, row_major
from inspector.core.checkpoint.plain import shown
from inspector.records.checkpoints import TensorPlace
from inspector.records.problem import InspectorError


def place_of(path: str, format: str, row: int, entry: TensorEntry) -> TensorPlace:
    """The place of one tensor."""
    storage = entry.storage
    stride = entry.stride or row_major(entry.shape)
    file, begin = "", -1
    if storage is not None and storage.content is not None:
        try:
            place = storage.content.place()
        except InspectorError:
            place = None
        if place is not None:
            file, begin = place[0], place[1] + entry.offset * entry.dtype.itemsize
    named = f"{shown(storage.key, 80)}, {storage.size:,} bytes" if storage is not None and storage.key else ""
    device = storage.location if storage is not None else ""
    keys = tuple(shown(key) for key in entry.path)
    return TensorPlace(
        row, keys, file, begin, named, stride, entry.offset, shown(device, 40), snippet(path, format, entry)
    )


def snippet(path: str, format: str, entry: TensorEntry) -> str:
    """Python lines that read the tensor: with torch or safetensors where they can, else with Inspector."""
    if format == "safetensors":
        opened = f"with safe_open({path!r}, framework='pt') as file:"
        return f"from safetensors import safe_open\n\n{opened}\n    tensor = file.get_tensor({entry.name!r})"
    if format in ("torch", "torch_legacy") and entry.part_of < 0 and entry.kind not in ("numpy", "unknown", "storage"):
        keys = "".join(f"[{_key(key)}]" for key in entry.path)
        mapped = ", mmap=True" if format == "torch" else ""
        loaded = f"torch.load({path!r}, map_location='cpu'{mapped}, weights_only=True)"
        return f"import torch\n\ntensor = {loaded}{keys}"
    opened = f"inspector.open_checkpoint({path!r})"
    return f"import inspector\n\nwith {opened} as checkpoint:\n    values = checkpoint.read_values({entry.name!r})"


def _key(key: str) -> str:
    """A key as source text; whole numbers are those of optimizer states and lists."""
    return key if key.isdecimal() and (key == "0" or not key.startswith("0")) else repr(key)
