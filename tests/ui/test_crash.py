"""Errors of our own."""

import sys

import pytest

from inspector.ui.crash import CrashLog


@pytest.fixture
def log(tmp_path, qapp):
    log = CrashLog(tmp_path)
    yield log
    log.close()


def caught_by(log, error):
    try:
        raise error
    except Exception:  # the hook takes any
        log.catch(*sys.exc_info())


def test_that_an_unexpected_exception_is_written_down_and_told(log, qtbot, capsys):
    with qtbot.waitSignal(log.caught) as told:
        caught_by(log, ValueError("surprise"))
    problem = told.args[0]
    assert "ValueError: surprise" in problem.message
    assert str(log.errors) in problem.advice
    assert "surprise" in log.errors.read_text()
    assert "surprise" in capsys.readouterr().err


def test_that_a_crash_is_told_at_the_next_start(tmp_path, qapp):
    (tmp_path / "crash.log").write_text("Fatal Python error: Segmentation fault")
    log = CrashLog(tmp_path)
    problem = log.crash_problem()
    assert problem is not None
    assert "Segmentation fault" in problem.detail
    log.close()
    again = CrashLog(tmp_path)
    assert again.crash_problem() is None
    again.close()


def test_that_the_hook_is_taken_away_again(tmp_path, qapp):
    before = sys.excepthook
    log = CrashLog(tmp_path)
    log.install()
    assert sys.excepthook == log.catch
    log.close()
    assert sys.excepthook != log.catch
    sys.excepthook = before
