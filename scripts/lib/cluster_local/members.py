"""Programs that are kept alive: started, started again when they end, stopped in order."""

import ctypes
import os
import select
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
LONGEST_PAUSE_S = 10  # before a program that keeps ending is started again
STEADY_S = 60         # of running, after which earlier ends are forgotten


class Stopped(Exception):
    """The user wants to end."""


class Shutdown:
    """Ctrl-C and SIGTERM, noticed within wait()."""

    def __init__(self):
        self.asked = False
        self._read, write = os.pipe()
        for end in (self._read, write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(write)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, _number, _frame):
        self.asked = True

    def wait(self, seconds):
        """Raises Stopped as soon as the user wants to end, also when he has wanted it before."""
        if not self.asked:
            select.select([self._read], [], [], seconds)
        if self.asked:
            raise Stopped()


def die_with_parent(number):
    """For preexec_fn: the child gets this signal when this program is killed."""
    library = ctypes.CDLL(None)
    return lambda: library.prctl(PR_SET_PDEATHSIG, number)


class Member:
    """One program. Runs in a session of its own, so that Ctrl-C reaches it only through stop()."""

    def __init__(self, name, command, log, stop_signal=signal.SIGTERM, patience_s=20):
        """`command`: gives the words to run, asked at each start."""
        self.name, self.log = name, log
        self._command, self._stop_signal, self._patience_s = command, stop_signal, patience_s
        self._process = None
        self._started = self._start_at = 0.0
        self._ends = 0

    def start(self):
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=die_with_parent(self._stop_signal))
        self._started = time.monotonic()

    def ended(self):
        """How it ended, or None while it runs."""
        code = self._process.poll() if self._process else None
        if code is None:
            return None
        return f"ended with code {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"

    def tend(self):
        """Starts it again after a growing pause when it has ended. Gives what there is to tell, or None."""
        how = self.ended()
        now = time.monotonic()
        if how is not None:
            self._ends = 1 if now - self._started > STEADY_S else self._ends + 1
            pause = min(2 ** (self._ends - 1), LONGEST_PAUSE_S)
            self._process, self._start_at = None, now + pause
            return f"{self.name} {how}; starting it again in {pause} s (its log is {self.log})"
        if self._process is None and now >= self._start_at:
            self.start()
        return None

    def ask_to_stop(self):
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(self._stop_signal)

    def stop(self):
        """Waits for its end; kills it, with all that it started, when it takes too long."""
        self.ask_to_stop()
        if self._process is None:
            return
        try:
            self._process.wait(self._patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None


class Members:
    """All of them, in starting order."""

    def __init__(self, say, shutdown):
        self._say, self._shutdown = say, shutdown
        self._all = []

    def add(self, members, ready, patience_s=120):
        """Starts them and returns when ready() is true. RuntimeError when one ends before, or it takes too long."""
        self._all += members
        for member in members:
            member.start()
        end = time.monotonic() + patience_s
        while not ready():
            for member in members:
                if member.ended() is not None:
                    raise RuntimeError(f"{member.name} {member.ended()}: {last_lines(member.log)}")
            if time.monotonic() > end:
                raise RuntimeError(f"no answer of {members[0].name}; its log is {members[0].log}")
            self._shutdown.wait(0.1)

    def tend(self, seconds):
        """One look at all of them, then a rest."""
        for member in self._all:
            note = member.tend()
            if note:
                self._say(note)
        self._shutdown.wait(seconds)

    def stop(self):
        """Workers at once, for they finish what they have under way; then the others, the last started first."""
        for member in self._all:
            if member.name.startswith("worker-"):
                member.ask_to_stop()
        for member in reversed(self._all):
            member.stop()
        self._all = []


def last_lines(path, count=5):
    try:
        with open(path, encoding="utf-8", errors="replace") as log:
            return "\n".join(log.read().splitlines()[-count:])
    except OSError:
        return ""
