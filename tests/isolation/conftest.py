"""The matrix asks the console's routes, too, with the console's own fixtures."""

from tests.tenants.conftest import visitor  # noqa: F401
from tests.tenants.console.conftest import (  # noqa: F401
    console,
    give_factor,
    in_public,
    make_operator,
    new_visitor,
    operator,
    signed_in,
    tenant_of,
)
