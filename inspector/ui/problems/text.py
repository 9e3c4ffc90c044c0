"""A problem as text to read and to copy."""

from __future__ import annotations

from html import escape

from inspector.records.problem import Problem

ICONS = {"error": "circle-x", "warning": "triangle-alert", "note": "info"}


def frames_text(problem: Problem) -> str:
    """The person's own frames, outermost first, as Python prints them."""
    lines = []
    for frame in problem.frames:
        lines.append(f'File "{frame.file}", line {frame.line}, in {frame.function}')
        if frame.source:
            lines.append(f"    {frame.source.strip()}")
    return "\n".join(lines)


def details_text(problem: Problem) -> str:
    """Everything below the message: frames, then what Python said."""
    return "\n\n".join(part for part in (frames_text(problem), problem.detail.strip()) if part)


def details_html(problem: Problem, muted: str) -> str:
    """The same to be read in the window: message, place, advice, then the person's frames in a fixed width."""
    parts = [f"<p style='font-weight: 600'>{escape(problem.message)}</p>"]
    if problem.where:
        parts.append(f"<p style='color: {muted}'>{escape(problem.where)}</p>")
    if problem.advice:
        parts.append(f"<p>{escape(problem.advice)}</p>")
    details = details_text(problem)
    if details:
        parts.append(f"<pre style='font-family: JetBrains Mono; font-size: 12px'>{escape(details)}</pre>")
    return "".join(parts)


def whole_text(problem: Problem) -> str:
    """All there is to say, for the clipboard."""
    head = f"{problem.severity}: {problem.message}"
    place = [f"at {problem.where}"] if problem.where else []
    place += [f"in module {problem.module or 'the root module'}"] if problem.module is not None else []
    parts = (head, ", ".join(place), problem.advice, details_text(problem), f"[{problem.id}]")
    return "\n".join(part for part in parts if part)
