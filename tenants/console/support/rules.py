"""What an operator in somebody's workspace never gets to see, whatever the workspace allowed. Pure."""

# Sign-in, password, factors and sessions; the person's own page; ways in; machines; money.
_CLOSED = (
    "/account/", "/profile/", "/enter/", "/join/", "/confirm/", "/api/", "/billing/",
)  # fmt: skip
# Everything taken out in bulk.
_CLOSED_NAMES = frozenset({"record_export", "export", "export_progress", "export_file", "import_errors"})
_SETTINGS = "/settings/"
# Of the settings only these: a page added later is closed until somebody has thought about it.
_SETTINGS_NAMES = frozenset({
    "settings", "workspace_settings", "people_settings", "teams_settings", "team_new", "team_edit", "team_delete",
    "pipelines_settings", "pipeline_new", "pipeline_edit", "pipeline_archive", "lists_settings", "list_edit",
    "list_merge", "types_settings", "type_new", "type_edit", "type_retire", "type_restore", "fields_home",
    "type_fields", "field_new", "field_edit", "field_rule", "field_retire", "field_restore", "layout_save",
    "layout_preview", "layout_reset", "modules_settings", "module_page", "module_switch", "currencies_settings",
    "currency", "currency_paste", "currency_retire", "rates_paste", "rate_remove", "hours_settings", "week_picture",
    "china_holidays", "special_day_add", "special_day_remove", "team_hours", "hours_follow", "numbering_settings",
    "numbering_edit", "numbering_preview", "number_existing", "branding_settings", "branding_logo",
    "branding_preview", "formats_settings", "formats_preview", "templates_settings", "template_page",
    "template_apply", "pipeline_restore", "pipeline_first",
})  # fmt: skip
# Leaving is always possible.
LEAVING = "support_leave"
# Not requests of a support access at all: the way in, with a code of its own, and what is shown afterwards.
PASSING = frozenset({"support_enter", "support_over"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_closed_to_support(path: str, name: str) -> bool:
    """path: of the request; name: of its route."""
    if name == LEAVING:
        return False
    if path.startswith(_CLOSED) or name in _CLOSED_NAMES:
        return True
    return path.startswith(_SETTINGS) and name not in _SETTINGS_NAMES


def is_write(method: str, name: str) -> bool:
    """Whether a request changes something: GET never does in this house."""
    return method not in SAFE_METHODS and name != LEAVING
