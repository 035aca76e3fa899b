"""What a workspace can switch off: the one visible list. A module stands after those that it needs.

Accounts, tasks and what people log are the floor that all else stands on: they are no modules.
"""

from django.utils.translation import gettext_lazy as _

from core.entitlements import Feature
from core.modules import Module


def all_modules() -> list[Module]:
    """In the order of the page."""
    return [
        Module(
            key="contacts",
            label=_("Contacts"),
            note=_("The people at your accounts."),
            icon="users",
            record_types=("contact",),
            blocks=(_("Birthdays on the desk"),),
        ),
        Module(
            key="opportunities",
            label=_("Opportunities"),
            note=_("Possible sales in pipelines, with a board."),
            icon="square-kanban",
            record_types=("opportunity",),
            routes=(
                "board",
                "board_more",
                "opportunity_*",
                "pipelines_settings",
                "pipeline_*",
                "desk_follow_up",
            ),
            blocks=(_("Key figures on the desk"), _("“Going quiet” on the desk")),
        ),
        Module(
            key="products",
            label=_("Products"),
            note=_("What you sell, with prices."),
            icon="package",
            record_types=("product",),
        ),
        Module(
            key="reports",
            label=_("Reports"),
            note=_("Pictures of the pipeline and of what was won."),
            icon="chart-no-axes-column",
            routes=("reports",),
            needs=("opportunities",),
            feature=Feature.REPORTS,
        ),
        Module(
            key="mail",
            label=_("Mails from records"),
            note=_("Writing to people from their record. Mails that were sent stay on the timeline."),
            icon="mail",
            routes=("mail_new", "mail_retry"),
            blocks=(_("The button “Email” of record pages"),),
            feature=Feature.MAIL,
        ),
        Module(
            key="import",
            label=_("Import of files"),
            note=_("Records from CSV and Excel files."),
            icon="upload",
            routes=("import", "import_*"),
            feature=Feature.IMPORT,
        ),
        Module(
            key="api",
            label=_("API"),
            note=_("Other programs read and write records."),
            icon="zap",
            routes=("api_*",),
            feature=Feature.API,
        ),
    ]
