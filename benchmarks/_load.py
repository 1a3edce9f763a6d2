"""A load that leaves the machine to the server, and what all of it took.

The clients are forked processes with bare sockets. What they send is written and signed
before the clock starts; they connect, send, read to the end that the answer names, and
look for what it must say. Odoo closes the connection after each answer, so a client
that kept it would gain nothing; and it waits 10 ms for a client that does not close.
"""

import multiprocessing
import os
import re
import resource
import socket
import time
from typing import NamedTuple

import psutil

FORK = multiprocessing.get_context("fork")
SECONDS_TO_OPEN = 60
LENGTH = re.compile(rb"\r\nContent-Length: (\d+)", re.IGNORECASE)


class Taken(NamedTuple):
    """What one measurement took.

    done: requests; seconds: of the clock; client, server, database: CPU seconds;
    machine: CPU seconds that were there to be had; others: CPU seconds that programs
    outside of this benchmark had of them.
    """

    done: int
    seconds: float
    client: float
    server: float
    database: float
    machine: float
    others: float

    @property
    def rate(self):
        """Requests a second."""
        return self.done / self.seconds

    @property
    def cost(self):
        """CPU seconds of server and database for one request."""
        return (self.server + self.database) / self.done


def post(path, headers, body):
    """Return a request as it goes over the wire.

    :param headers: dict
    :param body: bytes
    """
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name}: {text}" for name, text in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def asked(port, letter):
    """Send a request and return the whole answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(letter)
        answer = b""
        while not _is_whole(answer):
            part = connection.recv(65536)
            assert part, answer
            answer += part
    return answer


def _is_whole(answer):
    """Tell whether an answer has come to its end, for which Odoo names its length."""
    head, _blank, body = answer.partition(b"\r\n\r\n")
    length = LENGTH.search(head)
    return length is not None and len(body) >= int(length[1])


def asking(port, wanted):
    """Return a client's action: send, and insist on an answer.

    :param wanted: bytes that stand in each right answer
    """

    def ask(letter):
        answer = asked(port, letter)
        assert wanted in answer, answer.decode(errors="replace")

    return ask


def work(open_client, items, clients, seconds, servers, inside=False):
    """Have clients work their share of the items off, or until the time is up.

    :param open_client: function () -> what a client does with one item; each
        client calls it in its own process, before the clock starts
    :param items: list, better more than can be done in that time
    :param servers: Servers
    :param inside: whether the clients do themselves what else the server does
    :return: Taken
    """
    gate = FORK.Barrier(clients + 1)
    pipes = [
        _start(_client, open_client, items[number::clients], seconds, gate)
        for number in range(clients)
    ]
    gate.wait(SECONDS_TO_OPEN)
    before = (*servers.used(), _busy())
    ends = [pipe.recv() for pipe in pipes]
    after = (*servers.used(), _busy())
    used = [new - old for new, old in zip(after, before, strict=True)]
    return _taken(ends, *used, inside)


def _start(action, *arguments):
    """Run an action in a process; return where it tells its result."""
    receiver, sender = FORK.Pipe(duplex=False)
    FORK.Process(target=action, args=(*arguments, sender), daemon=True).start()
    sender.close()
    return receiver


def _client(open_client, items, seconds, gate, pipe):
    act = open_client()
    gate.wait(SECONDS_TO_OPEN)
    began, cpu, done = time.monotonic(), _own_cpu(), 0
    while done < len(items) and time.monotonic() - began < seconds:
        act(items[done])
        done += 1
    pipe.send((done, time.monotonic() - began, _own_cpu() - cpu))


def _own_cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _taken(ends, server, database, busy, inside):
    done, seconds, client = zip(*ends, strict=True)
    others = busy - sum(client) - server - database
    return Taken(
        sum(done),
        max(seconds),
        0.0 if inside else sum(client),
        server + sum(client) if inside else server,
        database,
        max(seconds) * os.cpu_count(),
        max(others, 0.0),
    )


def _busy():
    """Return the CPU seconds that all programs of this machine had so far."""
    times = psutil.cpu_times()
    return times.user + times.nice + times.system + times.irq + times.softirq


class Servers:
    """The processes of an Odoo and of its PostgreSQL on this machine."""

    def __init__(self, odoo, backend):
        """Find them.

        :param odoo: process id of Odoo
        :param backend: process id of any connection to its PostgreSQL
        """
        self.odoo = psutil.Process(odoo)
        self.postgres = psutil.Process(backend).parent()

    def used(self):
        """Return the CPU seconds so far of Odoo and of PostgreSQL."""
        return _tree(self.odoo), _tree(self.postgres)


def _tree(process):
    """Return CPU seconds of a process, of its children, and of those that ended."""
    own = process.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in process.children():
        try:
            total += _tree(child)
        except psutil.NoSuchProcess:
            continue  # it counts among those that ended the next time
    return total
