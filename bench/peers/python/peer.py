"""What all peers in Python share: the job comes as JSON on stdin, the times go as JSON to stdout."""

import gc
import json
import resource
import sys
import threading
import time


def resident_kib():
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024


def cpu_seconds():
    """Of this process and of the programs that it ran."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def max_resident_kib():
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


class Meter:
    """Wall time, CPU time, and the time of each piece of work."""

    def __init__(self):
        self.times = []
        self.failed = 0
        self.bytes = 0
        self.started = time.perf_counter()
        self.cpu = cpu_seconds()

    def piece(self, started):
        self.times.append((time.perf_counter() - started) * 1000)

    def result(self, **more):
        return {
            "seconds": time.perf_counter() - self.started,
            "cpuMs": (cpu_seconds() - self.cpu) * 1000,
            "maxResidentKib": max_resident_kib(),
            "times": self.times,
            "failed": self.failed,
            "bytes": self.bytes,
            **more,
        }


def in_threads(job, meter, work):
    """Runs work(index) for each index below the job's count, so many at once."""
    lock = threading.Lock()
    left = iter(range(job["count"]))

    def lane():
        while True:
            with lock:
                index = next(left, None)
            if index is None:
                return
            started = time.perf_counter()
            try:
                work(index)
            except Exception as error:  # whatever it is, it is a step that failed
                meter.failed += 1
                print(f"{type(error).__name__}: {error}", file=sys.stderr)
            meter.piece(started)

    lanes = [threading.Thread(target=lane) for _ in range(job["concurrency"])]
    for each in lanes:
        each.start()
    for each in lanes:
        each.join()


def serve(operations):
    job = json.load(sys.stdin)
    result = operations[job["op"]](job)
    print(json.dumps(result), flush=True)
