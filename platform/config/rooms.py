"""Every room of the CRM and every record type: the one visible list.

A new room stands here twice: its app in ROOMS, its record types in `all_record_types`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.records.types import RecordType
    from web.records.parts import Action, Side, Tab
    from web.shell import Place

ROOMS = [
    "crm.workspace",
    "crm.customize",
    "crm.fields",
    "crm.transfer",
    "crm.activities",
    "crm.documents",
    "crm.mail",
    "crm.accounts",
    "crm.products",
    "crm.opportunities",
    "crm.desk",
    "crm.analytics",
    "crm.samples",
    "crm.trades",
]


def all_record_types() -> "list[RecordType]":
    """In the order of menus. Imported late: settings read ROOMS before any model can be loaded."""
    from crm.accounts.records import ACCOUNT, CONTACT
    from crm.activities.records import TASK
    from crm.opportunities.records import OPPORTUNITY
    from crm.products.records import PRODUCT
    from tenants.people.records import PERSON

    return [ACCOUNT, CONTACT, OPPORTUNITY, PRODUCT, TASK, PERSON]


def menu(request: "HttpRequest") -> "list[tuple[Any, list[Place]]]":
    """Groups of the menu, each with its heading. A place whose room does not exist is absent."""
    from django.utils.translation import gettext as _

    from core.records.rights import Verb, may
    from core.records.types import record_type, record_types
    from web.shell import Place

    def of(key: str) -> Place:
        kind = record_type(key)
        return Place(str(kind.label_plural).capitalize(), kind.list_url, kind.icon, kind.shortcut)

    # One place for opportunities: the board, with the table a click away.
    pipeline = Place(
        str(record_type("opportunity").label_plural).capitalize(),
        "/opportunities/board/",
        "square-kanban",
        "o",
        request.path.startswith("/opportunities/"),
    )

    def seen(*keys: str) -> list[Place]:
        places = {"opportunity": pipeline}
        allowed = [key for key in keys if may(request.user, record_type(key), Verb.SEE)]
        return [places.get(key) or of(key) for key in allowed]

    own = [kind.key for kind in record_types() if kind.fixed and kind.in_menu]
    return [
        ("", [Place(_("Today"), "/", "sun", "d"), *seen("task")]),
        (_("Sell"), seen("opportunity", "account", "contact", "product")),
        *([(_("Records"), seen(*own))] if own else []),
    ]


def foot() -> "list[Place]":
    """Places at the lower end of the menu."""
    from django.utils.translation import gettext as _

    from core.entitlements import Feature, against
    from web.shell import Place

    places = [Place(_("Settings"), "/settings/", "settings", "s")]
    if not against(Feature.REPORTS):
        places.insert(0, Place(_("Reports"), "/reports/", "chart-no-axes-column", "r"))
    return places


def bin_place() -> "Place":
    """Where deleted records wait."""
    from django.utils.translation import gettext as _

    from web.shell import Place

    return Place(_("Bin"), "/bin/", "trash-2")


def commands(request: "HttpRequest") -> "list[Place]":
    """What the palette and the phone's menu offer beside the menu's places."""
    from django.utils.translation import gettext as _

    from core.entitlements import is_import_offered
    from web.shell import Place

    places = [bin_place()]
    if request.user.may_administer:  # type: ignore[union-attr]
        if is_import_offered():
            places.append(Place(_("Import"), "/import/new/", "upload"))
        places.append(Place(_("Export"), "/settings/export/", "package"))
    return places


def settings_menu(request: "HttpRequest") -> "list[tuple[Any, list[Place]]]":
    """Groups of the settings' own navigation, each with its heading; a room adds its pages here."""
    from django.utils.translation import gettext as _

    from web.shell import Place

    own = [
        Place(_("Profile"), "/profile/", "user"),
        Place(_("Password"), "/account/password/change/", "key-round"),
        Place(_("Second factor"), "/account/2fa/", "shield-check"),
        Place(_("Sessions"), "/account/sessions/", "monitor"),
    ]
    if not request.user.may_administer:  # type: ignore[union-attr]
        return [(_("You"), own), (_("Records"), [bin_place()])]
    workspace = [
        Place(_("General"), "/settings/workspace/", "settings"),
        Place(_("Modules"), "/settings/modules/", "layers"),
        Place(_("Templates"), "/settings/templates/", "sparkles"),
        Place(_("Branding"), "/settings/branding/", "sparkles"),
        Place(_("Languages"), "/settings/formats/", "languages"),
        Place(_("Currencies"), "/settings/currencies/", "banknote"),
        Place(_("Working hours"), "/settings/hours/", "clock"),
        Place(_("Billing"), "/settings/billing/", "credit-card"),
        Place(_("Support access"), "/settings/support/", "life-buoy"),
    ]
    people = [
        Place(_("People"), "/settings/people/", "users"),
        Place(_("Teams"), "/settings/teams/", "users"),
        Place(_("Roles"), "/settings/roles/", "shield"),
        Place(_("Territories"), "/settings/territories/", "map-pin"),
        Place(_("Security"), "/settings/security/", "shield-check"),
        Place(_("Sign-in"), "/settings/sign-in/", "log-in"),
        Place(_("Security log"), "/settings/security-log/", "history"),
    ]
    records = [
        Place(_("Record types"), "/settings/types/", "layers"),
        Place(_("Fields"), "/settings/fields/", "table-2"),
        Place(_("Lists of choices"), "/settings/lists/", "list-checks"),
        Place(_("Pipelines"), "/settings/pipelines/", "square-kanban"),
        Place(_("Numbering"), "/settings/numbering/", "hash"),
        Place(_("Import"), "/import/", "upload"),
        Place(_("Export"), "/settings/export/", "package"),
        bin_place(),
    ]
    return [(_("Workspace"), workspace), (_("People"), people), (_("Records"), records), (_("You"), own)]


def tabs() -> "list[Tab]":
    """Tabs of every record page, in order; the first is what the page opens with."""
    from crm.activities.parts import TIMELINE
    from crm.documents.parts import FILES
    from web.records.changes import CHANGES

    return [TIMELINE, FILES, CHANGES]


def sides() -> "list[Side]":
    """What stands above the fields in a record page's right panel."""
    from crm.activities.parts import NEXT_STEP

    return [NEXT_STEP]


def actions() -> "list[Action]":
    """Buttons of every record page's bar, before Edit."""
    from crm.mail.parts import SEND_MAIL

    return [SEND_MAIL]
