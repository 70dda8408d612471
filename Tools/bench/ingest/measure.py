"""Runs a program and watches what it takes: time by the clock, memory of all its processes, processor time by thread."""
import os, pathlib, subprocess, time


def descendants(process):
    """The process and all that it has started."""
    found = [process]
    for parent in found:
        # Processes and threads end while they are looked at.
        try:
            threads = os.listdir(f"/proc/{parent}/task")
        except OSError:
            continue
        for thread in threads:
            try:
                children = pathlib.Path(f"/proc/{parent}/task/{thread}/children").read_text()
            except OSError:
                continue
            found += [int(word) for word in children.split()]
    return found


def memory(process):
    """Bytes in memory, those that it shares counted in part, so that sums over processes are right."""
    try:
        lines = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))


def thread_seconds(process):
    """Processor time of each thread so far: {thread: (name, seconds)}."""
    found = {}
    for stat in pathlib.Path(f"/proc/{process}/task").glob("*/stat"):
        try:
            name, fields = stat.read_text().split("(", 1)[1].rsplit(") ", 1)
        except OSError:
            continue
        user, system = fields.split()[11:13]
        found[stat.parent.name] = name, (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return found


class Run:
    """A finished run: `output`, `seconds`, `memory` (the most bytes at one time, seen four times a second), `threads`
    (processor seconds of the main process by the names of its threads)."""

    def __init__(self, command, cores):
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, cores))
        threads, self.memory = {}, 0
        while True:
            threads |= thread_seconds(process.pid)
            self.memory = max(self.memory, sum(map(memory, descendants(process.pid))))
            try:
                self.output, _ = process.communicate(timeout=0.25)
                break
            except subprocess.TimeoutExpired:
                continue
        self.seconds = time.perf_counter() - start
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        self.threads = {}
        for name, seconds in threads.values():
            self.threads[name] = self.threads.get(name, 0) + seconds
