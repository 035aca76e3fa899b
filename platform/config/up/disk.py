"""Says at the terminal when the disk of the state folder runs full, and when there is room again."""

import shutil
import time
from pathlib import Path

from config.up.terminal import say

SCARCE_BYTES = 100 * 1024 * 1024
LOOK_EVERY_SECONDS = 5.0


class DiskWatch:
    """One state folder. Speaks at each change, not at each look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scarce = False
        self.looked_at = float("-inf")

    def look(self) -> None:
        """Cheap enough to be called at every turn."""
        if time.monotonic() - self.looked_at < LOOK_EVERY_SECONDS:
            return
        self.looked_at = time.monotonic()
        free = shutil.disk_usage(self.folder).free
        if (free < SCARCE_BYTES) == self.scarce:
            return
        self.scarce = not self.scarce
        if self.scarce:
            say(
                f"  ! only {free // 2**20} MB are free for {self.folder}: make room, or nothing can be saved soon"
            )
        else:
            say(f"  there is room again for {self.folder}: {free // 2**20} MB")
