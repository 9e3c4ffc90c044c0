"""The last door: what a reader did not expect of a file ends as a sentence, never as a traceback."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from inspector.records.problem import InspectorError, failure

_UNEXPECTED = (ArithmeticError, LookupError, ValueError, TypeError, AttributeError, RecursionError, OSError)


@contextmanager
def guarded(path: str) -> Iterator[None]:
    """Within it only InspectorErrors come out, each with the path that it is about."""
    try:
        yield
    except InspectorError as error:
        if error.problem.where:
            raise
        problem = error.problem
        raise failure(problem.id, problem.message, where=path, advice=problem.advice, detail=problem.detail) from error
    except MemoryError:
        raise failure("checkpoint.memory", "There is not enough memory for this.", where=path) from None
    except _UNEXPECTED as error:
        detail = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        raise failure("checkpoint.damaged", "The file is damaged.", where=path, detail=detail) from error
