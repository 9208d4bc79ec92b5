"""pyinfra, a process a run."""

import os
import subprocess
import sys
import tempfile

from peer import Meter, serve

PROGRAM = os.path.join(os.path.dirname(sys.executable), "pyinfra")


def run(job):
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        data = {
            "ssh_user": job["user"],
            "ssh_port": job["port"],
            "ssh_key": job["keyFile"],
            "ssh_known_hosts_file": job["knownHostsFile"],
        }
        with open(os.path.join(directory, "inventory.py"), "w", encoding="ascii") as file:
            file.write(f'peers = ({job["hosts"][: job["count"]]!r}, {data!r})\n')
        meter = Meter()
        command = [PROGRAM, "--yes", "--parallel", str(job["concurrency"]), "inventory.py", "exec", "--", job["command"]]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError((done.stdout + done.stderr)[-2000:])
        return meter.result()


def connect(job):
    if job["concurrency"] > 1:
        return run(job)
    meter = Meter()
    for _ in range(job["count"]):
        meter.times.append(run({**job, "count": 1})["seconds"] * 1000)
    return meter.result()


serve({"connect": connect})
