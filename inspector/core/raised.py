"""An exception of the person's forward, in words: what, in which module, where in their code."""

from __future__ import annotations

import torch

from inspector.core.source.frames import exception_text, exception_title, own_frames, where_of
from inspector.records.problem import Problem

_WITHOUT_GRADIENTS = "Models are run without gradients here: put what needs them within `with torch.enable_grad():`."
_ALLOCATOR_WORDS = ("DefaultCPUAllocator", "not enough memory", "out of memory", "can't allocate memory")


def problem_of(error: BaseException, module: str, type_name: str, inputs: str = "") -> Problem:
    """The `Problem` of a forward that raised.

    Args:
        error: with its traceback.
        module: full name of the innermost module in which it was raised, `""` for the root.
        type_name: that module's class.
        inputs: what the module was called with, in words, or empty.
    """
    frames = own_frames(error)
    place = f"“{module}” ({type_name})" if module else f"The model ({type_name})"
    called = f" It was called with {inputs}." if inputs else ""
    detail = exception_text(error)
    if is_out_of_memory(error):
        return Problem(
            "run.memory",
            "error",
            f"{place} ran out of memory: {exception_title(error)}.{called}",
            where=where_of(frames),
            advice="Try smaller inputs, a smaller precision, or another device.",
            module=module,
            frames=frames,
            detail=detail,
        )
    return Problem(
        "run.raised",
        "error",
        f"{place} raised {exception_title(error)}.{called}",
        where=where_of(frames),
        advice=_WITHOUT_GRADIENTS if "does not require grad" in str(error) else "",
        module=module,
        frames=frames,
        detail=detail,
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, on the processor or an accelerator."""
    if isinstance(error, (MemoryError, torch.cuda.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _ALLOCATOR_WORDS)
