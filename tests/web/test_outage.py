"""What a person, a program and an open page are told when a part of the server is away or its disk is full."""

import errno
import json

import psycopg2.errors
import pytest
import redis.exceptions
from django.core.cache import caches
from django.db import OperationalError
from django.test import Client
from kombu.exceptions import OperationalError as QueueError

from core.tenancy.scope import public_scope
from web.outage import describe_failure

pytestmark = pytest.mark.django_db


class DiskFull(psycopg2.errors.DiskFull):
    """The class's pgcode is set by the server's answer only."""

    pgcode = "53100"


def _from_database() -> OperationalError:
    error = OperationalError("could not extend file")
    error.__cause__ = DiskFull()
    return error


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (OperationalError("server closed the connection unexpectedly"), "unavailable", 503),
        (QueueError("no broker"), "unavailable", 503),
        (redis.exceptions.ConnectionError("refused"), "unavailable", 503),
        (_from_database(), "disk_full", 503),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full", 503),
        (redis.exceptions.ResponseError("MISCONF Errors writing to the AOF file"), "disk_full", 503),
        (redis.exceptions.ResponseError("WRONGTYPE"), "failed", 500),
        (ValueError("a fault of ours"), "failed", 500),
        (OSError(errno.EACCES, "Permission denied"), "failed", 500),
        (None, "failed", 500),
    ],
)
def test_what_failed_is_told_apart(error, code, status):
    failure = describe_failure(error)
    assert (failure.code, failure.status) == (code, status)


def test_a_database_that_ends_on_a_full_disk_of_ours_is_called_a_full_disk(monkeypatch):
    usage = type("Usage", (), {"free": 4096})
    monkeypatch.setattr("web.outage.shutil.disk_usage", lambda path: usage)
    assert describe_failure(OperationalError("connection refused")).code == "disk_full"
    assert describe_failure(ValueError("a fault of ours")).code == "failed"


@pytest.fixture
def broken(monkeypatch, workspace, client_of):
    """broken(error) → a client of a workspace whose every look at the registry raises it."""

    def make(error: BaseException) -> Client:
        def refuse(host: str) -> None:
            raise error

        monkeypatch.setattr("tenants.registry.middleware.snapshot_of_host", refuse)
        client = client_of(workspace)
        client.raise_request_exception = False
        return client

    return make


def test_a_page_says_what_to_do_in_the_visitors_language(broken):
    client = broken(OperationalError("gone"))
    answer = client.get("/accounts/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "A part of the server does not answer" in answer.content.decode()
    chinese = client.get("/accounts/", headers={"accept-language": "zh-CN"}).content.decode()
    assert "服务器的一部分没有响应" in chinese
    assert 'lang="zh-Hans"' in chinese


def test_the_api_answers_in_its_own_shape(broken):
    answer = broken(_from_database()).post("/api/v1/accounts/", "{}", content_type="application/json")
    told = json.loads(answer.content)
    assert (answer.status_code, set(told), told["code"]) == (503, {"code", "message", "fields"}, "disk_full")


def test_an_open_page_shows_a_toast(broken):
    answer = broken(ValueError("a fault of ours")).get("/accounts/", headers={"hx-request": "true"})
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert (answer.status_code, toast["tone"]) == (500, "red")
    assert "Something failed on our side" in toast["text"]


def test_a_fault_inside_a_workspace_is_told_in_its_language(workspace, client_of, monkeypatch):
    def refuse(*args: object, **kwargs: object) -> None:
        raise OperationalError("gone")

    client = client_of(workspace, workspace.owner)
    client.raise_request_exception = False
    assert client.get("/accounts/").status_code == 200
    monkeypatch.setattr("web.records.listing.render", refuse)
    answer = client.get("/accounts/", headers={"accept-language": "zh-CN"})
    assert answer.status_code == 503
    assert "A part of the server does not answer" in answer.content.decode()


@pytest.mark.parametrize(
    "error",
    [
        redis.exceptions.ConnectionError("refused"),
        redis.exceptions.ResponseError("MISCONF Errors writing to the AOF file: No space left on device"),
        redis.exceptions.OutOfMemoryError("OOM"),
    ],
)
def test_a_cache_that_takes_no_writes_is_done_without(monkeypatch, error):
    class Refusing:
        def __getattr__(self, name: str):
            def refuse(*args: object, **kwargs: object) -> None:
                raise error

            return refuse

    cache = caches["default"]
    monkeypatch.setattr(cache, "_cache", Refusing())
    with public_scope():
        cache.set("key", 1)
        assert cache.get("key", "nothing") == "nothing"
        assert cache.add("key", 1) is True
        cache.delete("key")


def test_a_mistake_of_ours_towards_the_cache_is_not_hidden(monkeypatch):
    class Refusing:
        def get(self, *args: object) -> None:
            raise redis.exceptions.ResponseError("WRONGTYPE")

    cache = caches["default"]
    monkeypatch.setattr(cache, "_cache", Refusing())
    with public_scope(), pytest.raises(redis.exceptions.ResponseError):
        cache.get("key")
