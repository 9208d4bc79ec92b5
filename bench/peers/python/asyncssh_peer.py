import asyncio
import os
import sys
import time

import asyncssh

from peer import Meter, resident_kib, serve


def opened(job, index=0):
    return asyncssh.connect(
        job["hosts"][index % len(job["hosts"])],
        port=job["port"],
        username=job["user"],
        client_keys=[job["keyFile"]],
        known_hosts=job["knownHostsFile"],
        agent_path=None,
        config=None,
    )


async def lanes(job, meter, work):
    left = iter(range(job["count"]))

    async def lane():
        for index in left:
            started = time.perf_counter()
            try:
                await work(index)
            except Exception as error:  # whatever it is, it is a step that failed
                meter.failed += 1
                print(f"{type(error).__name__}: {error}", file=sys.stderr)
            meter.piece(started)

    await asyncio.gather(*(lane() for _ in range(job["concurrency"])))


async def connect(job):
    meter = Meter()

    async def work(index):
        async with opened(job, index) as connection:
            await connection.run(job["command"], check=True)

    await lanes(job, meter, work)
    return meter.result()


async def steps(job):
    async with opened(job) as connection:
        await connection.run(job["command"], check=True)
        meter = Meter()

        async def work(_index):
            await connection.run(job["command"], check=True)

        await lanes(job, meter, work)
        return meter.result()


async def read(job):
    async with opened(job) as connection:
        meter = Meter()
        async with connection.create_process(job["command"], encoding=None) as process:
            while True:
                chunk = await process.stdout.read(262144)
                if not chunk:
                    break
                meter.bytes += len(chunk)
        return meter.result()


async def hold(job):
    before = resident_kib()
    connections = []
    meter = Meter()

    async def work(index):
        connections.append(await opened(job, index))

    await lanes(job, meter, work)
    result = meter.result(residentKib=resident_kib() - before)
    for connection in connections:
        connection.close()
    return result


async def upload(job):
    async with opened(job) as connection, connection.start_sftp_client() as sftp:
        meter = Meter()
        await sftp.put(job["local"], job["remote"], recurse=os.path.isdir(job["local"]))
        return meter.result()


async def download(job):
    async with opened(job) as connection, connection.start_sftp_client() as sftp:
        meter = Meter()
        await sftp.get(job["remote"], job["local"], recurse=os.path.isdir(job["remote"]))
        return meter.result()


def run(operation):
    return lambda job: asyncio.run(operation(job))


serve(
    {
        "connect": run(connect),
        "exec": run(steps),
        "read": run(read),
        "hold": run(hold),
        "upload": run(upload),
        "download": run(download),
    }
)
