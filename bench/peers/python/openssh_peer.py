"""OpenSSH's client, a process a step. Arguments: `fresh` or `master`, then options of ssh."""

import os
import subprocess
import sys
import tempfile

from peer import Meter, in_threads, serve

WAY, *OPTIONS = sys.argv[1:]


def options(job):
    return [
        *("-F", "none", "-i", job["keyFile"]),
        *("-o", f'UserKnownHostsFile={job["knownHostsFile"]}', "-o", "StrictHostKeyChecking=yes"),
        *("-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR"),
        *OPTIONS,
    ]


def execute(job, host, more=()):
    command = ["ssh", *options(job), *more, "-p", str(job["port"]), f'{job["user"]}@{host}', job["command"]]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def connect(job):
    meter = Meter()
    in_threads(job, meter, lambda index: execute(job, job["hosts"][index % len(job["hosts"])]))
    return meter.result()


def steps(job):
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        control = os.path.join(directory, "master")
        # A step by ControlPersist's own way would leave a master that outlives this process.
        master = subprocess.Popen(
            [
                *("ssh", *options(job), "-M", "-N", "-S", control, "-p", str(job["port"])),
                f'{job["user"]}@{job["hosts"][0]}',
            ],
            stdin=subprocess.DEVNULL,
        )
        try:
            while not os.path.exists(control):
                if master.poll() is not None:
                    raise RuntimeError("the master has ended")
                os.sched_yield()
            execute(job, job["hosts"][0], ("-S", control))
            meter = Meter()
            in_threads(job, meter, lambda index: execute(job, job["hosts"][0], ("-S", control)))
            return meter.result()
        finally:
            master.terminate()
            master.wait()


def read(job):
    meter = Meter()
    execute(job, job["hosts"][0])
    meter.bytes = job["bytes"]
    return meter.result()


def sftp(job, line):
    meter = Meter()
    subprocess.run(
        [
            *("sftp", "-q", *options(job), "-P", str(job["port"]), "-b", "-"),
            f'{job["user"]}@{job["hosts"][0]}',
        ],
        check=True,
        input=line.encode(),
        stdout=subprocess.DEVNULL,
    )
    return meter.result()


def upload(job):
    return sftp(job, f'put -r {job["local"]} {job["remote"]}\n')


def download(job):
    return sftp(job, f'get -r {job["remote"]} {job["local"]}\n')


serve({"connect": connect, "exec": steps, "read": read, "upload": upload, "download": download})
