"""A close look at one tensor: exact statistics, a histogram and a picture, all plain arrays."""

from __future__ import annotations

import torch
from torch import nn

from inspector.core.histograms import EXACT_ELEMENTS, histogram_of
from inspector.core.pictures import LARGEST_BYTES, picture_of
from inspector.core.statistics import statistics_of
from inspector.core.values import shape_of
from inspector.records.problem import failure
from inspector.records.tensors import Look, Statistics


def look_at(
    tensor: torch.Tensor,
    subject: str,
    call: int = 0,
    path: str = "",
    step: int = 0,
    paths: tuple[str, ...] = (),
    *,
    statistics: Statistics | None = None,
    picture_bytes: int = LARGEST_BYTES,
    histogram_elements: int = EXACT_ELEMENTS,
) -> Look:
    """Look at `tensor`, which is not altered; nothing of the result lives on its device.

    Args:
        tensor: of any kind; where there are no values (meta) there is no picture and no histogram.
        subject: full name of the module, parameter or buffer.
        call: which call of the module; -1 for parameters and buffers.
        path: place in the nested output.
        step: the step of the run.
        paths: places of all tensors of the same output.
        statistics: when they are known already.
        picture_bytes: at most this large is the picture.
        histogram_elements: up to here the histogram counts every element.
    """
    known = statistics if statistics is not None else statistics_of(tensor)
    return Look(
        subject=subject,
        call=call,
        path=path,
        step=step,
        shape=tuple(shape_of(tensor)),
        dtype=str(tensor.dtype).removeprefix("torch."),
        device=str(tensor.device),
        bytes=tensor.numel() * tensor.element_size(),
        statistics=known,
        histogram=histogram_of(tensor, known, histogram_elements),
        picture=picture_of(tensor, call < 0, picture_bytes),
        paths=paths,
    )


def look_at_stored(model: nn.Module, name: str) -> Look:
    """A close look at the parameter or buffer called `name`.

    Raises:
        InspectorError: `look.missing` when there is none; `look.uninitialised` before a lazy module has run.
    """
    owner_name, _, own_name = name.rpartition(".")
    try:
        owner = model.get_submodule(owner_name)
    except AttributeError:
        owner = nn.Module()
    tensor: torch.Tensor | None = {**owner._buffers, **owner._parameters}.get(own_name)
    if tensor is None:
        raise failure("look.missing", f"The model has no parameter or buffer called “{name}”.")
    if nn.parameter.is_lazy(tensor):
        raise failure("look.uninitialised", f"“{name}” has no values before the model has run.", advice="Run it once.")
    return look_at(tensor, name, call=-1)
