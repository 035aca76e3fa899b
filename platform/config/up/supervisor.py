"""Keeps the children running: starts them in order, starts again what dies, stops them in reverse order."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FrameType

from config.up.children import Child, Stage
from config.up.errors import CannotStart
from config.up.leftovers import record
from config.up.running import Running, describe_end
from config.up.terminal import last_lines, say

TICK_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 30.0
# A child that lived this long had recovered: its next death is counted as the first.
HEALTHY_SECONDS = 60.0


class StopAsked(Exception):
    """The user, or the system, wants everything to end."""


class Supervisor:
    """Owns the processes of one state folder, which the caller has locked."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.running: list[Running] = []
        self.deaths: dict[str, int] = {}
        self.due: dict[str, tuple[float, Child]] = {}
        self.stops_asked = 0
        self.is_recorded = True

    def listen(self) -> None:
        """Ctrl-C, kill and a closed terminal all ask for a stop; asking twice hastens it."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_stop)

    def _note_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stops_asked += 1

    def start(self, child: Child) -> None:
        """Start a child, wait until it is ready. Raises StopAsked; CannotStart when it ends or is silent."""
        running = self._launch(child)
        deadline = time.monotonic() + child.ready_seconds
        while not child.is_ready():
            self.heed_stop()
            self.watch_once(sparing=running)
            if running.exit_code is not None:
                raise CannotStart(
                    f"The {child.name} {describe_end(running.exit_code)} while starting:\n"
                    f"{last_lines(self._log(child))}"
                )
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"The {child.name} did not answer within {child.ready_seconds:.0f} seconds:\n"
                    f"{last_lines(self._log(child))}"
                )
            time.sleep(TICK_SECONDS)

    def run(
        self,
        command: Iterable[str],
        environment: Mapping[str, str],
        folder: Path,
        stop_signal: signal.Signals,
    ) -> int:
        """Run a command to its end, its words on the terminal; its exit code. Raises StopAsked."""
        process = subprocess.Popen(
            list(command), env=dict(environment), cwd=folder, stdin=subprocess.DEVNULL, start_new_session=True
        )
        asked = False
        while process.poll() is None:
            self.watch_once()
            if self.stops_asked and not asked:
                process.send_signal(stop_signal)
                asked = True
            if self.stops_asked > 1:
                os.killpg(process.pid, signal.SIGKILL)
            time.sleep(TICK_SECONDS)
        self.heed_stop()
        return process.returncode

    def watch(self, each_turn: Callable[[], None]) -> None:
        """Keep everything alive until a stop is asked for."""
        while not self.stops_asked:
            self.watch_once()
            each_turn()
            time.sleep(TICK_SECONDS)

    def watch_once(self, sparing: Running | None = None) -> None:
        """Start again what has died, but for `sparing`, whose death is the caller's to judge."""
        if not self.is_recorded:
            self._record()
        for running in list(self.running):
            if running is not sparing and running.exit_code is not None:
                self._bury(running)
        for name, (moment, child) in list(self.due.items()):
            if time.monotonic() >= moment:
                del self.due[name]
                self._start_again(child)

    def heed_stop(self) -> None:
        if self.stops_asked:
            raise StopAsked

    def stop(self) -> None:
        """Stop stage by stage from the top; a further Ctrl-C hastens all that are left."""
        self.due.clear()
        for stage in sorted({running.child.stage for running in self.running}, reverse=True):
            together = [running for running in self.running if running.child.stage == stage]
            for running in together:
                running.ask_to_stop()
            for running in together:
                self._await_end(running)
                self.running.remove(running)
        self._record()

    def _launch(self, child: Child) -> Running:
        child.prepare()
        running = Running(child, self._log(child))
        self.running.append(running)
        self._record()
        return running

    def _record(self) -> None:
        """For the next `up`, should this one be killed. On a full disk it is tried again at every turn.

        A child that runs must not be taken for one that could not be started: it would be started twice.
        """
        try:
            record(self.state, [one.recorded for one in self.running])
        except OSError as problem:
            if self.is_recorded:
                say(f"  ! the list of processes cannot be written now: {problem.strerror}")
            self.is_recorded = False
        else:
            self.is_recorded = True

    def _log(self, child: Child) -> Path:
        return self.state / "log" / f"{child.name}.log"

    def _bury(self, running: Running) -> None:
        """A child has died: end what it left, and plan its next start, later each time it dies young."""
        child = running.child
        self.running.remove(running)
        running.end_group()
        if running.age_seconds() > HEALTHY_SECONDS:
            self.deaths.pop(child.name, None)
        count = self.deaths[child.name] = self.deaths.get(child.name, 0) + 1
        pause = 0.0 if count == 1 else min(LONGEST_PAUSE_SECONDS, 2.0 ** (count - 2))
        when = "starting it again" if not pause else f"starting it again in {pause:.0f} s (death {count})"
        say(f"  ! {child.name} {describe_end(running.exit_code or 0)}; {when}. See {self._log(child)}")
        self.due[child.name] = (time.monotonic() + pause, child)

    def _start_again(self, child: Child) -> None:
        try:
            self._launch(child)
        except (CannotStart, OSError) as problem:
            # Never given up: whatever is wrong now (a full disk, say) may be put right while we run.
            count = self.deaths[child.name] = self.deaths.get(child.name, 0) + 1
            pause = min(LONGEST_PAUSE_SECONDS, 2.0**count)
            say(f"  ! {child.name} could not be started, next try in {pause:.0f} s: {problem}")
            self.due[child.name] = (time.monotonic() + pause, child)

    def _await_end(self, running: Running) -> None:
        """Wait for a child that was asked to stop; hasten it when it is late or the user is in a hurry."""
        child = running.child
        # Cutting the database short costs a recovery at the next start, so that takes a third Ctrl-C.
        patient_until = 2 if child.stage == Stage.DATABASE else 1
        deadline = time.monotonic() + child.patience_seconds
        hastened = False
        while running.exit_code is None:
            late = time.monotonic() > deadline
            if not hastened and (late or self.stops_asked > patient_until):
                say(f"  ! {child.name} is hastened")
                running.hasten()
                hastened = True
                deadline = time.monotonic() + child.patience_seconds
            elif hastened and late:
                running.process.kill()
            time.sleep(TICK_SECONDS)
        running.end_group()
