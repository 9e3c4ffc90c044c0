"""Two ends find each other over a private folder and prove who they are; strangers are turned away."""

from __future__ import annotations

import os
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inspector.link import authentication
from inspector.link.authentication import authenticate, new_key
from inspector.link.endpoint import (
    Connection,
    Listener,
    connect,
    private_folder,
    remove_abandoned_folders,
    remove_folder,
)
from inspector.link.framing import Channel, LinkError


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = private_folder()
    yield folder
    remove_folder(folder)
    assert not folder.exists()


@pytest.fixture(params=["unix", "loopback"])
def listener(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> Iterator[Listener]:
    if request.param == "loopback":
        # No unix socket fits under so long a path.
        folder = tmp_path / ("x" * 100)
        folder.mkdir()
    listener = Listener(folder)
    assert bool(listener.port) == (request.param == "loopback")
    yield listener
    listener.close()


def address(listener: Listener) -> Connection:
    return Connection(listener.socket_path, listener.port, listener.key.hex())


def in_thread(function: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Run a function in a thread; what it gives, or the LinkError it raises, is put in the list."""
    results: list[object] = []

    def run() -> None:
        try:
            results.append(function())
        except LinkError as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def accepted(listener: Listener, caller: Callable[[], object]) -> Channel:
    thread, results = in_thread(lambda: listener.accept(5))
    caller()
    thread.join()
    assert isinstance(results[0], tuple), results
    return results[0][0]


def test_that_the_folder_and_its_files_are_for_this_user_alone(folder: Path) -> None:
    listener = Listener(folder)
    path = folder / "connection"
    address(listener).write(path)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(listener.socket_path).stat().st_mode) == 0o600
    assert Connection.read(path) == address(listener)
    listener.close()
    assert not Path(listener.socket_path).exists()


def test_that_the_folder_is_made_where_the_system_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = private_folder()
    assert folder.parent == tmp_path
    remove_folder(folder)
    long = tmp_path / ("x" * 100)
    long.mkdir()
    for unusable in (long, tmp_path / "missing"):
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(unusable))
        folder = private_folder()
        assert unusable not in folder.parents
        Listener(folder).close()
        remove_folder(folder)


def test_that_only_our_folders_are_ever_removed(tmp_path: Path) -> None:
    remove_folder(tmp_path)
    theirs = tmp_path / "inspector-thesis"
    theirs.mkdir()
    (theirs / "chapter.txt").write_text("years of work")
    remove_folder(theirs)
    assert (theirs / "chapter.txt").exists()


def test_that_folders_of_killed_windows_are_removed_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    abandoned, young, ours = private_folder(), private_folder(), private_folder()
    theirs = tmp_path / "inspector-thesis"
    theirs.mkdir()
    (theirs / "chapter.txt").write_text("years of work")
    for folder in (abandoned, young):
        (folder / "life").touch()
    for folder in (abandoned, theirs):
        os.utime(folder, (1, 1))
    remove_abandoned_folders(ours)
    assert set(tmp_path.iterdir()) == {young, ours, theirs}


def test_that_both_ends_meet_and_talk(listener: Listener) -> None:
    callers: list[Channel] = []
    window = accepted(listener, lambda: callers.append(connect(address(listener))))
    callers[0].send({"hello": 1})
    assert window.recv().header == {"hello": 1}
    window.send({"answer": 2}, [memoryview(b"x" * 100_000)])
    assert callers[0].recv().buffers[0].nbytes == 100_000
    for channel in (window, *callers):
        channel.close()


def test_that_a_wrong_key_is_turned_away_and_the_right_one_still_let_in(listener: Listener) -> None:
    callers: list[Channel] = []

    def call() -> None:
        with pytest.raises(LinkError):
            connect(replace(address(listener), key=new_key().hex()))
        callers.append(connect(address(listener)))

    window = accepted(listener, call)
    for channel in (window, *callers):
        channel.close()


def test_that_a_stranger_that_says_nothing_or_nonsense_does_not_keep_the_door(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inspector.link.endpoint._PROOF_TIMEOUT_S", 0.2)
    strangers: list[socket.socket] = []
    callers: list[Channel] = []

    def call() -> None:
        for words in (b"", b"GET / HTTP/1.1\r\n\r\n" * 10):
            stranger = socket.socket(socket.AF_INET if listener.port else socket.AF_UNIX)
            stranger.connect(("127.0.0.1", listener.port) if listener.port else listener.socket_path)
            stranger.sendall(words)
            strangers.append(stranger)
        callers.append(connect(address(listener)))

    window = accepted(listener, call)
    for thing in (window, *callers, *strangers):
        thing.close()


def test_that_a_reflected_proof_proves_nothing() -> None:
    """A man in the middle without the key plays the caller's own words back to it."""
    caller, middle = socket.socketpair()
    thread, results = in_thread(lambda: authenticate(caller, new_key(), "caller"))
    middle.sendall(authentication._GREETING + bytes(32))
    answer = middle.recv(64)
    middle.sendall(answer[32:])
    thread.join()
    assert "does not hold the key" in str(results[0])
    caller.close()
    middle.close()


def test_that_two_listeners_cannot_be_played_against_each_other() -> None:
    """The challenge of one listener, answered by reflecting it to another, lets nobody in."""
    key = new_key()
    first, middle_first = socket.socketpair()
    second, middle_second = socket.socketpair()
    threads = [in_thread(lambda end=end: authenticate(end, key, "listener", 1.0)) for end in (first, second)]
    greeting = middle_first.recv(100)
    middle_second.recv(100)
    middle_second.sendall(greeting[-32:] + bytes(32))
    middle_first.sendall(bytes(32) + bytes(32))
    for thread, results in threads:
        thread.join()
        assert isinstance(results[0], LinkError)
    for end in (first, second, middle_first, middle_second):
        end.close()


def test_that_a_dripping_caller_is_cut_off_in_time() -> None:
    listener, caller = socket.socketpair()
    start = time.monotonic()
    thread, results = in_thread(lambda: authenticate(listener, new_key(), "listener", 0.3))
    while thread.is_alive() and time.monotonic() - start < 5:
        caller.send(b"x")
        thread.join(0.05)
    assert isinstance(results[0], LinkError)
    assert time.monotonic() - start < 2
    listener.close()
    caller.close()


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="the system does not tell whose process it is")
def test_that_another_users_process_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = socket.socketpair()
    user = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    for role in ("listener", "caller"):
        with pytest.raises(LinkError, match=f"belongs to user {user}"):
            authenticate(one, new_key(), role)  # type: ignore[arg-type]
    one.close()
    other.close()


def test_that_a_listener_without_caller_gives_up_and_can_be_stopped(folder: Path) -> None:
    listener = Listener(folder)
    with pytest.raises(LinkError, match="nobody called"):
        listener.accept(0.05)
    thread, results = in_thread(lambda: listener.accept(30))
    listener.stop()
    thread.join(5)
    assert isinstance(results[0], LinkError)
    listener.close()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": 1}', '{"socket_path": "", "port": 0, "key": "", "odd": 1}'])
def test_that_a_damaged_connection_file_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "connection"
    path.write_text(text)
    with pytest.raises(LinkError, match="cannot read the connection file"):
        Connection.read(path)
    with pytest.raises(LinkError):
        Connection.read(tmp_path / "missing")


def test_that_a_window_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match="cannot call the window"):
        connect(Connection(str(tmp_path / "no-socket"), 0, "00"))
