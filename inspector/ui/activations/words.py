"""What the activations view says in words."""

from __future__ import annotations

from inspector.records.formats import bytes_text, count, shape_text
from inspector.records.tensors import Look
from inspector.ui.activations.close_up import CloseUp
from inspector.ui.activations.layers import Layers, Output


def why_nothing(layers: Layers, close_up: CloseUp) -> str:
    """Why there is nothing to see of what is selected; empty when there is something."""
    if close_up.selected is None:
        return "Click a layer to see its output in detail."
    row, failure = close_up.row(layers), layers.failure
    told = failure.message if failure else ""
    if row >= 0 and layers.rows.ran[row]:
        if layers.raised[row]:
            return f"The forward raised an error in this module, so it gave no output.\n\n{told}".strip()
        if layers.live and layers.is_absent(row):
            return f"This call did not happen in step {count(layers.step)}, or gave no tensor."
        return ""
    if not layers.is_module(close_up.selected[0]):
        return ""
    if failure is not None:
        where = failure.module or "the model itself"
        return f"This module did not run: the forward raised an error before it came to it, in {where}.\n\n{told}"
    return "This module never ran: nothing in the forward called it."


def facts(layers: Layers, close_up: CloseUp) -> str:
    """Shape, dtype and device of what is selected, with bytes and exactness where a close look knows them."""
    if close_up.look is None:
        return facts_of_output(close_up.output(layers))
    row = close_up.row(layers)
    old = row >= 0 and layers.live and layers.is_absent(row)
    return facts_of_look(close_up.look) + (f"   from step {count(close_up.look.step)}" if old else "")


def facts_of_look(look: Look) -> str:
    """Shape, dtype, device, bytes, and how exact the statistics are."""
    if not look.dtype:
        return "no tensor"
    parts = [shape_text(look.shape), look.dtype, look.device, bytes_text(look.bytes)]
    if look.statistics is not None:
        parts.append("statistics from a sample" if look.statistics.sampled else "exact statistics")
    return "   ".join(parts)


def facts_of_output(output: Output | None) -> str:
    """Shape, dtype and device, as the run recorded them."""
    if output is None:
        return ""
    if output.kind != "tensor":
        return output.kind
    return "   ".join((shape_text(output.shape), output.dtype, output.device))


def notice(layers: Layers) -> str:
    """Where NaN or Inf begins; empty where there is none."""
    first = layers.first_bad()
    return f"NaN or Inf begins in {layers.rows.title(first)}" if first >= 0 else ""


def standing(layers: Layers, history: str, frozen: bool) -> str:
    """How much is shown: steps of live mode (`history`), or the calls of a run."""
    if not len(layers.rows):
        return ""
    if layers.live:
        return f"frozen   {history}" if frozen else history
    ran = int(layers.rows.ran.sum())
    idle = len(layers.rows) - ran
    never = f"   {count(idle)} module{'s' if idle != 1 else ''} never ran" if idle else ""
    return f"{count(ran)} call{'s' if ran != 1 else ''} in one step{never}"
