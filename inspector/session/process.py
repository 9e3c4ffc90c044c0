"""One model process as the window holds it: started, talked to, read from, ended. No Qt here.

Only threads of this file wait for the process. They tell what comes through one function, `notify`, which must not
wait; the methods do not wait either.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from inspector.link import processes
from inspector.link.endpoint import Listener, private_folder, remove_abandoned_folders, remove_folder
from inspector.link.framing import Channel, LinkClosedError, LinkError
from inspector.records.codec import CodecError
from inspector.records.messages import Message, pack, unpack
from inspector.records.problem import Problem
from inspector.records.process import Hello, JobState, TorchReady
from inspector.session import ending
from inspector.session.notices import Ended, Notice, OutputWaits, StackRead
from inspector.session.output import Output
from inspector.session.start import Pipes, start

#: The module that serves the operations in a model process.
OPERATIONS = "inspector.host.operations"

_GREETING_TIMEOUT_S = 60.0
#: For what must follow at once when the process has ended.
_LAST_MOMENT_S = 1.0
_WARDEN_TIMEOUT_S = 1.5


Notify = Callable[["ModelProcess", Notice], None]


class ModelProcess:
    """One model process, from its start to its end.

    Attributes:
        python: its interpreter.
        hello: its first message, once it came.
        torch: how the import of torch went, once it is over.
        job: what its main thread is doing, as last told.
        heard_s: when something last came from it (`time.monotonic`).
        output: what it prints.
        fresh: whether it has not been asked for anything yet.
        awaited: requests without an answer yet: number → operation and record. Used by the window's thread alone.
        forgotten: requests whose answer nobody wants any more. Likewise.
    """

    def __init__(self, python: str, notify: Notify, operations: str = OPERATIONS) -> None:
        self.python = python
        self.hello: Hello | None = None
        self.torch: TorchReady | None = None
        self.job = JobState()
        self.heard_s = time.monotonic()
        self.output = Output()
        self.fresh = True
        self.awaited: dict[int, tuple[str, Any]] = {}
        self.forgotten: set[int] = set()
        self._notify = notify
        self._numbers = itertools.count(1)
        self._outgoing: SimpleQueue[Message | None] = SimpleQueue()
        self._pid = 0
        self._exited = threading.Event()
        self._ended_by_us = False
        self._fault: Problem | None = None
        self._gone = threading.Event()
        self._memory_kills = ending.memory_kills()
        self._folder = private_folder()
        self._listener = Listener(self._folder)
        self._pipes = Pipes(self._folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._waiter: threading.Thread | None = None
        self._start(operations)

    @property
    def alive(self) -> bool:
        """Whether it runs, as far as is known."""
        return not self._gone.is_set() and not self._ended_by_us and self._fault is None

    @property
    def pid(self) -> int:
        """Number of the process that runs the model, 0 before it has called."""
        # The system's word before its own.
        return self._pid or (self.hello.pid if self.hello is not None else 0)

    def request(self, op: str, record: Any) -> int:
        """Ask for an operation; the number that its answer will bear."""
        number = next(self._numbers)
        self._outgoing.put(Message("request", number, op, record))
        return number

    def read_stack(self) -> None:
        """Have the stacks of all threads told, as a notice; works while C code holds the interpreter."""
        if not self.pid or not self._pipes.can_read_stack:
            self._notify(
                self, StackRead("The stack cannot be read here: this system has no signal to ask for it with.")
            )
            return

        def read() -> None:
            self._notify(self, StackRead(self._pipes.read_stack(self.pid)))

        threading.Thread(target=read, name="stack", daemon=True).start()

    def end(self) -> None:
        """End the process and everything that it has started; at once, without waiting."""
        self._ended_by_us = True
        self._end()

    def wait_until_gone(self, timeout_s: float) -> bool:
        """Wait until nothing of it is left, no process, thread, file or descriptor; whether that came in time."""
        gone = self._gone.wait(timeout_s)
        if gone and self._waiter is not None:
            self._waiter.join(timeout_s)
        return gone

    def _start(self, operations: str) -> None:
        try:
            self._process = start(self.python, self._folder, self._listener, self._pipes, operations)
        except OSError as error:
            self._listener.close()
            self._pipes.close()
            remove_folder(self._folder)
            self._gone.set()
            reason = error.strerror or str(error)
            message = f"{self.python} could not be started: {reason}."
            self._notify(self, Ended(Problem("process.python", "error", message, advice="Choose another interpreter.")))
            return
        threads = [
            threading.Thread(target=self._read_output, name="output", daemon=True),
            threading.Thread(target=self._talk, name="link", daemon=True),
        ]
        for thread in threads:
            thread.start()
        self._waiter = threading.Thread(
            target=self._await_end, args=(self._process, threads), name="waiter", daemon=True
        )
        self._waiter.start()

    def _read_output(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        with contextlib.suppress(OSError):
            while block := os.read(descriptor, 64 << 10):
                if self.output.add(block):
                    self._notify(self, OutputWaits())

    def _talk(self) -> None:
        """Let the process in, then read what it says until the link ends."""
        channel = self._let_in()
        if channel is None:
            return
        writer = threading.Thread(target=self._write, args=(channel,), name="writer", daemon=True)
        writer.start()
        sentence, detail = "The model process has closed its link to the window.", ""
        try:
            while True:
                frame = channel.recv()
                self._heard(unpack(frame.header, frame.buffers))
        except LinkClosedError:
            pass
        except (LinkError, CodecError) as error:
            sentence, detail = "The model process sent something that makes no sense.", str(error)
        # When it has ended, that is what the person is told; else it is of no use any more, whatever it is doing.
        if not self._exited.wait(_LAST_MOMENT_S):
            self._fault = Problem("process.protocol", "error", sentence, detail=detail)
            self._end()
        channel.shut_down()
        self._outgoing.put(None)
        writer.join()
        channel.close()

    def _let_in(self) -> Channel | None:
        """Wait for the process to call."""
        remove_abandoned_folders(self._folder)
        try:
            channel, self._pid = self._listener.accept(_GREETING_TIMEOUT_S)
        except LinkError:
            if not self._exited.is_set():
                message = f"{self.python} did not answer within a minute."
                self._fault = Problem("process.start", "error", message)
                self._end()
            return None
        finally:
            self._listener.close()
            remove_folder(self._folder)
        return channel

    def _heard(self, message: Message) -> None:
        self.heard_s = time.monotonic()
        if isinstance(message.record, Hello):
            self.hello = message.record
        elif isinstance(message.record, TorchReady):
            self.torch = message.record
        elif message.op == "process.job":
            self.job = message.record
        self._notify(self, message)

    def _write(self, channel: Channel) -> None:
        """Send what is asked: the window's thread never waits for the socket."""
        while (message := self._outgoing.get()) is not None:
            self._send(channel, message)

    def _send(self, channel: Channel, message: Message) -> None:
        try:
            channel.send(*pack(message))
        except LinkClosedError:
            # The reading thread sees it too, and ends the process.
            return
        except (LinkError, CodecError) as error:
            problem = Problem("internal", "error", f"The request {message.op} cannot be sent: {error}.")
            self._notify(self, Message("failure", message.id, message.op, problem))

    def _end(self) -> None:
        """Close the pipe that the warden watches, and see to it that this has its effect."""
        self._pipes.close_life()
        threading.Thread(target=self._enforce_end, name="ender", daemon=True).start()

    def _enforce_end(self) -> None:
        process = self._process
        if process is None or self._gone.wait(_WARDEN_TIMEOUT_S if self._pipes.has_life else 0):
            return
        processes.kill_group(self.pid)
        processes.kill_group(process.pid)
        process.kill()

    def _await_end(self, process: subprocess.Popen[bytes], threads: list[threading.Thread]) -> None:
        """Wait for the end, end what is left, give everything back, tell."""
        status = process.wait()
        self._exited.set()
        self._pipes.close_life()
        token = self._pipes.token
        processes.kill_until_gone(lambda: processes.with_token(token), 2.0)
        self._listener.stop()
        for thread in threads:
            thread.join(_LAST_MOMENT_S)
        if process.stdout is not None:
            process.stdout.close()
        self._pipes.close()
        problem = self._problem(status)
        self._gone.set()
        self._notify(self, Ended(problem))

    def _problem(self, status: int) -> Problem | None:
        if self._ended_by_us or (self.torch is not None and self.torch.problem is not None):
            return None
        if self._fault is not None:
            return self._fault
        before, after = self._memory_kills, ending.memory_kills()
        killed = None if before is None or after is None else after - before
        lines = self.output.last_lines()
        return ending.problem_of(
            ending.Ending(status, self.python, self.hello is not None, self.job.job, lines, killed)
        )
