import secrets
from typing import Any

import pytest


@pytest.fixture
def form() -> dict[str, Any]:
    """What somebody fills in."""
    address = f"f{secrets.token_hex(5)}"
    return {
        "mail": f"ann@{address}.example",
        "name": "Ann Lee",
        "workspace": "Ann's Joinery",
        "address": address,
        "password": "a fine long phrase",
        "language": "zh-hans",
        "country": "CN",
        "currency": "CNY",
        "time_zone": "Asia/Shanghai",
        "terms": "1",
    }
