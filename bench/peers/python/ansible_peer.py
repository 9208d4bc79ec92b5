"""Ansible, a process a run. Argument: the module, `raw` or `command`."""

import json
import os
import subprocess
import sys
import tempfile

from peer import Meter, serve

MODULE = sys.argv[1]
PROGRAMS = os.path.dirname(sys.executable)


def run(job, program, *arguments, directory):
    inventory = os.path.join(directory, "inventory")
    with open(inventory, "w", encoding="ascii") as file:
        for index, host in enumerate(job["hosts"][: job["count"]]):
            python = f'ansible_python_interpreter={job["python"]}'
            file.write(f'h{index} ansible_host={host} ansible_port={job["port"]} ansible_user={job["user"]} {python}\n')
    environment = {
        **os.environ,
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_FORKS": str(job["concurrency"]),
        "ANSIBLE_PRIVATE_KEY_FILE": job["keyFile"],
        "ANSIBLE_HOME": directory,
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_SSH_ARGS": f'-F none -C -o ControlMaster=auto -o ControlPersist=5s -o UserKnownHostsFile={job["knownHostsFile"]}',
    }
    meter = Meter()
    done = subprocess.run(
        [os.path.join(PROGRAMS, program), "-i", inventory, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    result = meter.result()
    if done.returncode != 0:
        raise RuntimeError((done.stdout + done.stderr)[-2000:])
    return result


def connect(job):
    """Many hosts are one run; with one at a time it is a run for each."""
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        if job["concurrency"] > 1:
            return run(job, "ansible", "all", "-m", MODULE, "-a", job["command"], directory=directory)
    meter = Meter()
    for _ in range(job["count"]):
        with tempfile.TemporaryDirectory(dir="/tmp") as directory:
            one = run({**job, "count": 1}, "ansible", "all", "-m", MODULE, "-a", job["command"], directory=directory)
        meter.times.append(one["seconds"] * 1000)
    return meter.result()


def steps(job):
    """A playbook of so many tasks, on one host."""
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        book = os.path.join(directory, "book.yml")
        tasks = [{MODULE: job["command"]} for _ in range(job["count"])]
        with open(book, "w", encoding="ascii") as file:
            json.dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}], file)
        return run({**job, "hosts": job["hosts"][:1]}, "ansible-playbook", book, directory=directory)


serve({"connect": connect, "exec": steps})
