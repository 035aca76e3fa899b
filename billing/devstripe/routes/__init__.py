"""Every route of the API, by resource. `api` says what goes for all of them."""

import billing.devstripe.routes.paying
import billing.devstripe.routes.selling
import billing.devstripe.routes.subscribing
import billing.devstripe.routes.telling  # noqa: F401 - declares what `api` answers
