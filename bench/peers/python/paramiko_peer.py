import os

import paramiko

from peer import Meter, in_threads, resident_kib, serve


def opened(job, index=0):
    client = paramiko.SSHClient()
    client.load_host_keys(job["knownHostsFile"])
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(
        job["hosts"][index % len(job["hosts"])],
        port=job["port"],
        username=job["user"],
        key_filename=job["keyFile"],
        allow_agent=False,
        look_for_keys=False,
    )
    return client


def execute(client, job):
    channel = client.get_transport().open_session()
    channel.exec_command(job["command"])
    total = 0
    while True:
        chunk = channel.recv(262144)
        if not chunk:
            break
        total += len(chunk)
    if channel.recv_exit_status() != 0:
        raise RuntimeError("exit status")
    channel.close()
    return total


def connect(job):
    meter = Meter()

    def work(index):
        client = opened(job, index)
        try:
            execute(client, job)
        finally:
            client.close()

    in_threads(job, meter, work)
    return meter.result()


def steps(job):
    client = opened(job)
    execute(client, job)
    meter = Meter()
    in_threads(job, meter, lambda index: execute(client, job))
    result = meter.result()
    client.close()
    return result


def read(job):
    client = opened(job)
    meter = Meter()
    meter.bytes = execute(client, job)
    result = meter.result()
    client.close()
    return result


def hold(job):
    before = resident_kib()
    clients = []
    meter = Meter()
    in_threads(job, meter, lambda index: clients.append(opened(job, index)))
    result = meter.result(residentKib=resident_kib() - before)
    for client in clients:
        client.close()
    return result


def upload(job):
    client = opened(job)
    sftp = client.open_sftp()
    meter = Meter()
    if os.path.isdir(job["local"]):
        sftp.mkdir(job["remote"])
        for name in sorted(os.listdir(job["local"])):
            sftp.put(os.path.join(job["local"], name), f'{job["remote"]}/{name}', confirm=False)
    else:
        sftp.put(job["local"], job["remote"])
    result = meter.result()
    client.close()
    return result


def download(job):
    client = opened(job)
    sftp = client.open_sftp()
    meter = Meter()
    if os.path.isdir(job["remote"]):
        os.mkdir(job["local"])
        for name in sorted(sftp.listdir(job["remote"])):
            sftp.get(f'{job["remote"]}/{name}', os.path.join(job["local"], name))
    else:
        sftp.get(job["remote"], job["local"])
    result = meter.result()
    client.close()
    return result


serve({"connect": connect, "exec": steps, "read": read, "hold": hold, "upload": upload, "download": download})
