"""The command line: `inspector [PATH]`, `inspector summary PATH`, `inspector trace FILE.py`.

Exit codes: 0 done, 2 could not be done (one sentence on stderr), 130 interrupted. torch and Qt are imported only by
the command that needs them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with these words; None takes those it was started with.

    Returns:
        The exit code. Nothing is raised but what ends the interpreter anyway.
    """
    as_program = argv is None
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(words, as_program)
    except KeyboardInterrupt:
        code = INTERRUPTED
    if as_program:
        from inspector.cli.ending import end_if_held_open

        end_if_held_open(code)
    return code


def _run(words: list[str], as_program: bool) -> int:
    from inspector.cli.errors import reported
    from inspector.cli.parser import parse

    with reported() as outcome:
        try:
            options = parse(words)
        except SystemExit:  # argparse has shown the help or the version
            return 0
        if options.command == "summary":
            from inspector.cli.summary import run_summary

            outcome.code = run_summary(options, as_program)
        elif options.command == "trace":
            from inspector.cli.trace import run_trace

            outcome.code = run_trace(options, as_program)
        else:
            from inspector.cli.window import run_window

            outcome.code = run_window(options)
    return outcome.code
