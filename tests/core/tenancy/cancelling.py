"""Readers on shared connections while their statements are cancelled at random; used by tests and bench."""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.db import DatabaseError, InterfaceError, connections


@dataclass
class Outcome:
    """reads: answers that came. wrong: answers of another tenant. errors: statements that were cancelled."""

    reads: int = 0
    wrong: int = 0
    errors: int = 0
    cancels: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def read_under_cancels(
    expected: Sequence[tuple[Any, str]],
    read: Callable[[Any], str],
    *,
    reads: int,
    threads: int = 4,
    until_wrong: bool = False,
    login: str,
) -> Outcome:
    """Read each tenant's canary in turn until `reads` answers came.

    expected: (tenant, its canary). read: gives the canary that this thread's connection sees. until_wrong:
    stop at the first wrong answer. login: the database role whose backends are cancelled.
    """
    outcome = Outcome()
    done = threading.Event()

    def reader(number: int) -> None:
        turn = number
        while not done.is_set():
            tenant, canary = expected[turn % len(expected)]
            turn += 1
            try:
                seen = read(tenant)
            except (DatabaseError, InterfaceError):
                with outcome.lock:
                    outcome.errors += 1
                continue
            with outcome.lock:
                outcome.reads += 1
                outcome.wrong += seen != canary
                if outcome.reads >= reads or (until_wrong and outcome.wrong):
                    done.set()
        connections.close_all()

    workers = [threading.Thread(target=reader, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    try:
        _cancel_until(done, outcome, login)
    finally:
        done.set()
        for worker in workers:
            worker.join()
    return outcome


def _cancel_until(done: threading.Event, outcome: Outcome, login: str) -> None:
    name = connections["default"].settings_dict["NAME"]
    url = urlunsplit(urlsplit(os.environ["GUANXI_SUPERUSER_URL"])._replace(path=f"/{name}"))
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        while not done.is_set():
            cursor.execute(
                "SELECT count(*) FILTER (WHERE pg_cancel_backend(pid)) FROM pg_stat_activity"
                " WHERE usename = %s AND datname = %s",
                [login, name],
            )
            outcome.cancels += cursor.fetchone()[0]
    connection.close()
