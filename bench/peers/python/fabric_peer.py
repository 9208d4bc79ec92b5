from fabric import Connection

from peer import Meter, in_threads, serve


def opened(job, index=0):
    return Connection(
        job["hosts"][index % len(job["hosts"])],
        port=job["port"],
        user=job["user"],
        connect_kwargs={"key_filename": job["keyFile"], "allow_agent": False, "look_for_keys": False},
    )


def execute(connection, job):
    connection.run(job["command"], hide=True, in_stream=False)


def connect(job):
    meter = Meter()

    def work(index):
        with opened(job, index) as connection:
            execute(connection, job)

    in_threads(job, meter, work)
    return meter.result()


def steps(job):
    with opened(job) as connection:
        execute(connection, job)
        meter = Meter()
        in_threads(job, meter, lambda index: execute(connection, job))
        return meter.result()


serve({"connect": connect, "exec": steps})
