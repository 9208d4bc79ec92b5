import time

from pssh.clients import ParallelSSHClient, SSHClient

from peer import Meter, serve


def ways(job):
    return {"user": job["user"], "port": job["port"], "pkey": job["keyFile"], "allow_agent": False}


def ended(output):
    for _line in output.stdout:
        pass
    return output.exit_code == 0


def connect(job):
    if job["concurrency"] == 1:
        return one_by_one(job)
    meter = Meter()
    client = ParallelSSHClient(job["hosts"][: job["count"]], pool_size=job["concurrency"], **ways(job))
    outputs = client.run_command(job["command"], stop_on_errors=False)
    client.join(outputs)
    meter.failed = sum(1 for output in outputs if output.exit_code != 0)
    return meter.result()


def one_by_one(job):
    meter = Meter()
    for index in range(job["count"]):
        started = time.perf_counter()
        client = SSHClient(job["hosts"][index % len(job["hosts"])], **ways(job))
        meter.failed += not ended(client.run_command(job["command"]))
        client.disconnect()
        meter.piece(started)
    return meter.result()


def steps(job):
    client = SSHClient(job["hosts"][0], **ways(job))
    ended(client.run_command(job["command"]))
    meter = Meter()
    for _ in range(job["count"]):
        started = time.perf_counter()
        meter.failed += not ended(client.run_command(job["command"]))
        meter.piece(started)
    return meter.result()


serve({"connect": connect, "exec": steps})
