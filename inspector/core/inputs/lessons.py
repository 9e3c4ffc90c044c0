"""What can be learnt from a trial that failed, the surest first."""

from __future__ import annotations

import re

from inspector.core.inputs.lessons_kinds import kind_lessons
from inspector.core.inputs.lessons_modules import module_lessons
from inspector.core.inputs.lessons_operations import operation_lessons, target_sizes
from inspector.core.inputs.lessons_text import line_lessons
from inspector.core.inputs.probe import Findings, Operation
from inspector.core.inputs.wants import (
    Want,
    WantArguments,
    WantBatch,
    WantElements,
    WantGrad,
    WantGrowth,
    WantNumbers,
    WantShape,
)

_TOO_SMALL = re.compile(
    r"too small|[Kk]ernel size can't be greater|non-zero|Padding size should be less|smaller than kernel|"
    r"must be greater than|at least 1, but got|non-empty|should be at least|invalid for input of size 0"
)
_NO_GRAD = ("does not require grad", "require_grad", "does not have a grad_fn", "requires grad")


def lessons_of(findings: Findings) -> list[Want]:
    """Wants drawn from the operation, the module and the line that failed, and from the error's text."""
    if findings.error is None:
        return [_collapsed(operation) for operation in findings.collapsed]
    text = str(findings.error)
    wants: list[Want] = []
    if "more than 1 value per channel" in text or "more than 1 spatial element" in text:
        wants += [WantBatch(), WantGrowth()]
    if any(sign in text for sign in _NO_GRAD):
        wants.append(WantGrad())
    if isinstance(findings.error, TypeError | AttributeError) and (
        "NoneType" in text or "must be Tensor, not None" in text
    ):
        wants.append(WantArguments())
    wants += kind_lessons(findings, text)
    wants += module_lessons(findings, text)
    wants += operation_lessons(findings, text)
    wants += line_lessons(findings, text)
    if _TOO_SMALL.search(text):
        wants.append(WantGrowth())
    if not wants and isinstance(findings.error, TypeError):
        wants.append(WantArguments())
    return [*wants, WantNumbers(text)]


def _collapsed(operation: Operation) -> Want:
    sizes = target_sizes(operation)
    taken = operation.args[0]
    return WantElements(taken, sizes[1]) if len(sizes) == 2 else WantShape(taken, (taken.shape[0], *sizes[1:]))
