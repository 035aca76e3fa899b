"""Every address of the product, classified. A route that is missing here fails the build.

Each tenant route is asked three ways: without a session, with another tenant's session, and (where it
carries ids) with another tenant's ids. Each refusal has a twin that succeeds, so that a wall of 404s
does not pass.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Route:
    """How a route of the workspace is tried.

    method: of the request that succeeds. ids: arguments that must be of this workspace: "record_id" for a
    record route, "<argument>:<what>" for others, where <what> is a record type's key or a name of
    `things_of` in the matrix. args: the other arguments. data: the body; "{what}" stands for an own id.
    accepted: statuses of the twin that succeeds.
    """

    method: str = "GET"
    ids: tuple[str, ...] = ()
    args: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    accepted: tuple[int, ...] = (200,)


# Answer without a session, on purpose.
OPEN = {
    "account_login", "account_logout", "account_signup", "account_inactive", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
    "account_email_verification_sent", "account_confirm_email", "account_request_login_code",
    "account_confirm_login_code", "account_complete_signup", "account_signup_by_passkey",
    "mfa_authenticate", "mfa_login_webauthn", "mfa_signup_webauthn", "mfa_trust",
    # Each asks for a secret of this workspace instead of a session: tests/tenants/people.
    "enter", "join", "confirm_mail", "sso_start", "sso_callback",
    # The workspace's own look, on the page to sign in and in mails: tests/crm/workspace/test_branding.py.
    "brand_style", "brand_logo",
    # The operator's way in, and what they see afterwards: tests/tenants/console.
    "support_enter", "support_leave", "support_over",
}  # fmt: skip

# allauth's own pages behind sign-in; none takes another's id.
ALLAUTH = {
    "account_change_password", "account_set_password", "account_email", "account_reauthenticate",
    "mfa_index", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_generate_recovery_codes",
    "mfa_view_recovery_codes", "mfa_download_recovery_codes", "mfa_reauthenticate",
    "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_edit_webauthn",
    "mfa_remove_webauthn", "usersessions_list",
}  # fmt: skip

# For developers only: 404 in production.
DEVELOPERS_PREFIX = "living"

# With `kind`: tried for every record type that allows it.
RECORD_ROUTES: dict[str, Route] = {
    "record_list": Route(),
    "record_count": Route(),
    "record_pick": Route(),
    "record_new": Route(),
    "look_alikes": Route(query="name=canary"),
    "record_export": Route(),
    "record_filter": Route(args={"name": "name"}),
    "record_query": Route(query="w=%22updated_at.period.today%22"),
    "view_new": Route(query="f=name.contains.a"),
    "view_delete": Route("POST", data={"view": "01a20000-0000-7000-8000-000000000000"}, accepted=(302,)),
    "bulk_delete": Route("POST", ids=("pick",), accepted=(302,)),
    "bulk_assign": Route("POST", ids=("pick",), accepted=(200,)),
    "bulk_change": Route("POST", ids=("pick",), data={"field": "description", "value": "x"}, accepted=(302,)),
    "record_restore": Route("POST", ids=("pick",), accepted=(302,)),
    "record": Route(ids=("record_id",)),
    "record_tab": Route(ids=("record_id",), args={"tab": "changes"}),
    "record_edit": Route(ids=("record_id",)),
    "record_share": Route(ids=("record_id",)),
    "record_unshare": Route(
        "POST", ids=("record_id",), data={"subject": "01a20000-0000-7000-8000-000000000000"}, accepted=(302,)
    ),
    "record_delete": Route("POST", ids=("record_id",), accepted=(302,)),
    "record_field": Route(ids=("record_id",), args={"name": "name"}),
}

WORKSPACE_ROUTES: dict[str, Route] = {
    "palette": Route(query="q=canary"),
    "bin": Route(),
    "undo": Route("POST", ids=("batch:batch",), accepted=(204,)),
    "board": Route(),
    "lists_settings": Route(),
    "list_edit": Route(args={"key": "trade"}),
    "list_merge": Route(
        "POST",
        args={"key": "trade"},
        data={"merged": "{choice}", "into": "{other_choice}"},
        accepted=(302,),
    ),
    "types_settings": Route(),
    "type_new": Route(),
    "type_edit": Route(ids=("type_id:own_type",)),
    "type_retire": Route("POST", ids=("type_id:own_type",), accepted=(302,)),
    "type_restore": Route("POST", ids=("type_id:own_type",), accepted=(302,)),
    "fields_home": Route(accepted=(302,)),
    "type_fields": Route(args={"key": "account"}),
    "field_new": Route(args={"key": "account"}),
    "field_edit": Route(ids=("field_id:field",), args={"key": "account"}),
    "field_rule": Route(args={"key": "account", "name": "city"}),
    "field_retire": Route("POST", ids=("field_id:field",), args={"key": "account"}, accepted=(302,)),
    "field_restore": Route("POST", ids=("field_id:field",), args={"key": "account"}, accepted=(302,)),
    "layout_save": Route("POST", args={"key": "account"}, accepted=(302,)),
    "layout_preview": Route("POST", args={"key": "account"}),
    "layout_reset": Route("POST", args={"key": "account"}, accepted=(302,)),
    "modules_settings": Route(),
    "module_page": Route(args={"key": "products"}),
    "module_switch": Route("POST", args={"key": "products"}, data={"on": "no"}, accepted=(302,)),
    "currencies_settings": Route(),
    "base_currency": Route(),
    "rates_paste": Route("POST", accepted=(422,)),
    "currency": Route(args={"code": "CHF"}),
    "currency_paste": Route("POST", args={"code": "CHF"}, data={"rates": "2026-03-31, 1.1"}, accepted=(302,)),
    "currency_retire": Route("POST", args={"code": "CHF"}, accepted=(302,)),
    "rate_remove": Route("POST", args={"code": "CHF"}, ids=("rate_id:rate",), accepted=(302,)),
    "hours_settings": Route(),
    "week_picture": Route(query="day-0=9-17"),
    "china_holidays": Route("POST", accepted=(302,)),
    "special_day_add": Route("POST", data={"name": "Fair", "first": "2026-05-05"}, accepted=(302,)),
    "special_day_remove": Route("POST", ids=("day_id:special_day",), accepted=(302,)),
    "team_hours": Route(ids=("team_id:team",)),
    "hours_follow": Route("POST", ids=("team_id:team",), accepted=(302,)),
    "numbering_settings": Route(),
    "numbering_edit": Route(args={"key": "account"}),
    "numbering_preview": Route(args={"key": "account"}, query="pattern={0000}&reset=never"),
    "number_existing": Route("POST", args={"key": "account"}, accepted=(422,)),
    "branding_settings": Route(),
    "branding_logo": Route("POST", data={"remove": "1"}, accepted=(302,)),
    "branding_preview": Route(query="own=yes&accent=%23aa3300"),
    "formats_settings": Route(),
    "formats_preview": Route(query="dates=iso"),
    "templates_settings": Route(),
    "template_page": Route(args={"key": "school"}),
    "template_apply": Route("POST", args={"key": "school"}, accepted=(302,)),
    "pipelines_settings": Route(),
    "pipeline_new": Route(),
    "pipeline_edit": Route(ids=("pipeline_id:pipeline",)),
    "pipeline_restore": Route("POST", ids=("pipeline_id:archived_pipeline",), accepted=(302,)),
    "pipeline_first": Route("POST", ids=("pipeline_id:pipeline",), accepted=(302,)),
    "pipeline_archive": Route("POST", ids=("pipeline_id:pipeline",), accepted=(422,)),
    "reports": Route(),
    "samples_add": Route("POST", accepted=(302,)),
    "samples_remove": Route("POST", accepted=(422,)),
    "board_more": Route(ids=("stage_id:stage",)),
    "opportunity_move": Route("POST", ids=("record_id:opportunity",), data={"stage": "{stage}"}),
    "settings": Route(accepted=(302,)),
    "workspace_settings": Route(),
    "workspace_close": Route(),
    # Billing: "{offer}" is what the page of prices puts into its form. What needs a subscription to succeed has its
    # twin in tests/billing.
    "billing": Route(query="seats=4"),
    "billing_plans": Route(),
    "billing_subscribe": Route("POST", data={"token": "{offer}"}),
    "billing_change": Route("POST", data={"token": "{offer}"}, accepted=(422,)),
    "billing_withdraw": Route("POST", accepted=(302,)),
    "billing_code": Route("POST", accepted=(422,)),
    "billing_cancel": Route(),
    "billing_resume": Route("POST", accepted=(409,)),
    "billing_card": Route("POST"),
    "billing_pay": Route("POST", accepted=(302,)),
    "billing_back": Route(),
    "billing_back_check": Route("POST", accepted=(302,)),
    "billing_details": Route(),
    "billing_invoices": Route(),
    "billing_invoice_pdf": Route(ids=("invoice_id:invoice",), accepted=(302,)),
    "billing_invoice_page": Route(ids=("invoice_id:invoice",), accepted=(302,)),
    # Its twin, of two workspaces, is in tests/billing/subscriptions/test_claims.py.
    "billing_credit_note_pdf": Route(ids=("invoice_id:invoice", "note_id:credit_note"), accepted=(302,)),
    "support_settings": Route(),
    "support_seen": Route(ids=("access_id:support",)),
    "support_answer": Route("POST", ids=("access_id:support",), data={"answer": "refuse"}, accepted=(302,)),
    "support_stop": Route("POST", ids=("access_id:support",), accepted=(302,)),
    "put_away": Route(
        "POST", args={"announcement_id": "01a20000-0000-7000-8000-000000000000"}, accepted=(302,)
    ),
    "profile": Route(),
    "profile_picture": Route("POST", data={"remove": "1"}, accepted=(302,)),
    "profile_mail": Route("POST", data={"mail": "new@own.example"}, accepted=(302,)),
    "profile_confirmation": Route("POST", accepted=(302,)),
    "picture": Route(ids=("person_id:pictured",)),
    "people_settings": Route(),
    "invite": Route(),
    "hand_over_workspace": Route(),
    "invite_person": Route(ids=("person_id:placeholder",)),
    "person_role": Route("POST", ids=("person_id:colleague",), data={"role": "admin"}, accepted=(302,)),
    "person_deactivate": Route("POST", ids=("person_id:colleague",), accepted=(302,)),
    "person_reactivate": Route("POST", ids=("person_id:colleague",), accepted=(302,)),
    "person_hand_over": Route(ids=("person_id:colleague",)),
    "security_settings": Route(),
    "security_log": Route(),
    "security_log_export": Route(),
    "sso_settings": Route(),
    "sso_test": Route("POST", accepted=(404,)),
    "sso_remove": Route("POST", accepted=(302,)),
    "sso_link": Route(accepted=(404,)),
    "sso_confirm": Route(accepted=(404,)),
    "hand_over_preview": Route(ids=("person_id:colleague",)),
    "hand_over": Route(ids=("hand_over_id:hand_over",)),
    "invitation_resend": Route("POST", ids=("invitation_id:invitation",), accepted=(302,)),
    "invitation_withdraw": Route("POST", ids=("invitation_id:invitation",), accepted=(302,)),
    "teams_settings": Route(),
    "team_new": Route(),
    "team_edit": Route(ids=("team_id:team",)),
    "team_delete": Route("POST", ids=("team_id:team",), accepted=(302,)),
    "team_pick": Route(),
    "territories_settings": Route(),
    "territory_new": Route(),
    "territory_edit": Route(ids=("territory_id:territory",)),
    "territory_delete": Route("POST", ids=("territory_id:territory",), accepted=(302,)),
    "roles_settings": Route(),
    "role_new": Route(),
    "role": Route(ids=("role_id:role",)),
    "role_fields": Route(ids=("role_id:role",), args={"key": "account"}),
    "role_delete": Route(ids=("role_id:role",)),
    "role_reset": Route("POST", ids=("role_id:role",), accepted=(422,)),
    "view_as": Route("POST", ids=("role_id:role",), accepted=(302,)),
    "view_as_oneself": Route("POST", accepted=(302,)),
    "opportunity_lose": Route(ids=("record_id:opportunity",)),
    "desk": Route(),
    "desk_follow_up": Route("POST", ids=("record_id:opportunity",), accepted=(302,)),
    "desk_steps_away": Route("POST", accepted=(302,)),
    "timeline_more": Route(ids=("record_id:account",), args={"kind": "account"}),
    "compose": Route(
        "POST",
        ids=("record_id:account",),
        args={"kind": "account"},
        data={"kind": "note", "text": "A word"},
        accepted=(302,),
    ),
    "activity_edit": Route(ids=("activity_id:activity",)),
    "activity_delete": Route("POST", ids=("activity_id:activity",), accepted=(302,)),
    "tasks": Route(query="who=all"),
    "task_new": Route(),
    "task_edit": Route(ids=("task_id:task",)),
    "task_tick": Route("POST", ids=("task_id:task",), accepted=(302,)),
    "task_snooze": Route("POST", ids=("task_id:task",), accepted=(302,)),
    "mentions": Route(),
    "notifications": Route(),
    "notifications_read": Route("POST", accepted=(302,)),
    "notification_open": Route("POST", ids=("notification_id:notification",), accepted=(302,)),
    "file_upload": Route(
        "POST",
        ids=("record_id:account",),
        args={"kind": "account"},
        data={"file": "{upload}"},
        accepted=(302,),
    ),
    "file": Route(ids=("file_id:file",)),
    "file_preview": Route(ids=("file_id:file",)),
    "file_delete": Route("POST", ids=("file_id:file",), accepted=(302,)),
    "mail_new": Route(ids=("record_id:account",), args={"kind": "account"}),
    "mail_retry": Route("POST", ids=("activity_id:mail",), accepted=(302,)),
    "import_list": Route(),
    "import_new": Route(query="type=account"),
    "import": Route(ids=("job_id:import_mapping",)),
    "import_progress": Route(ids=("job_id:import_mapping",), accepted=(204,)),
    "import_map": Route("POST", ids=("job_id:import_mapping",), data={"column-0": "name"}, accepted=(302,)),
    "import_layout": Route(
        "POST", ids=("job_id:import_mapping",), data={"encoding": "utf-8-sig"}, accepted=(302,)
    ),
    "import_answers": Route("POST", ids=("job_id:import_checked",), data={"field": "name"}, accepted=(302,)),
    "import_run": Route("POST", ids=("job_id:import_checked",), accepted=(302,)),
    "import_cancel": Route("POST", ids=("job_id:import_checked",), accepted=(302,)),
    "import_discard": Route("POST", ids=("job_id:import_mapping",), accepted=(302,)),
    "import_undo": Route("POST", ids=("job_id:import_done",), accepted=(302,)),
    "import_errors": Route(ids=("job_id:import_done",)),
    "export": Route(),
    "export_progress": Route(ids=("job_id:export",), accepted=(204,)),
    "export_file": Route(ids=("job_id:export",)),
}

# The API answers 403 instead of a redirect.
_API_TYPES = ("account", "contact", "opportunity", "product", "task")
API_ROUTES: dict[str, Route] = {
    "api_document": Route(),
    "api_own_list": Route(),
    "api_own": Route(ids=("record_id",)),
    **{f"api_{key}_list": Route() for key in _API_TYPES},
    **{
        f"api_{key}": Route(ids=("record_id",))
        for key in ("account", "contact", "opportunity", "product", "task")
    },
}

# Of the public host: none asks for a session, none shows anything of a workspace.
PUBLIC_ROUTES = {
    "sign_up", "address_check", "waiting", "sign_in", "find_workspaces", "set_language", "terms", "privacy",
    "closed", "local_mail",
    # Asks for Stripe's signature: tests/billing/webhooks.
    "stripe_webhook",
}  # fmt: skip

# The operator's console. Before sign-in: only these.
CONSOLE_OPEN = {"account_login", "account_logout", "account_inactive", "mfa_authenticate"}

# Names that allauth asks for and that lead nowhere.
CONSOLE_CLOSED = {
    "account_signup", "account_reset_password", "account_email", "account_email_verification_sent",
    "account_set_password", "mfa_deactivate_totp",
}  # fmt: skip

# Behind password and factor. ids: "<argument>:<what>" of `console_things` in the matrix.
CONSOLE_ROUTES: dict[str, Route] = {
    "mfa_index": Route(),
    "mfa_activate_totp": Route(accepted=(302,)),
    "mfa_view_recovery_codes": Route(accepted=(302,)),
    "mfa_generate_recovery_codes": Route(),
    "mfa_reauthenticate": Route(),
    "account_reauthenticate": Route(),
    "account_change_password": Route(),
    "usersessions_list": Route(),
    "console": Route(query="tab=silent&sort=name"),
    "console_find": Route(query="q=works"),
    "console_export": Route("POST", data={"tab": "all"}),
    "filter_save": Route("POST", data={"name": "Mine", "tab": "trials"}, accepted=(302,)),
    "filter_remove": Route("POST", ids=("filter_id:filter",), accepted=(302,)),
    "columns_choose": Route("POST", data={"col": "plan"}, accepted=(302,)),
    "bulk": Route(args={"verb": "trial"}, query="pick={tenant}"),
    "tenant": Route(ids=("tenant_id:tenant",)),
    "tenant_note": Route("POST", ids=("tenant_id:tenant",), data={"text": "A word"}, accepted=(302,)),
    "tenant_suspend": Route("POST", ids=("tenant_id:tenant",), data={"reason": "unpaid"}, accepted=(302,)),
    "tenant_restore": Route("POST", ids=("tenant_id:suspended",), accepted=(302,)),
    "tenant_delete": Route(
        "POST", ids=("tenant_id:tenant",), data={"typed": "Test Works", "reason": "asked"}, accepted=(302,)
    ),
    "tenant_reopen": Route("POST", ids=("tenant_id:closed",), accepted=(302,)),
    "tenant_trial": Route("POST", ids=("tenant_id:tenant",), data={"until": "{soon}"}, accepted=(302,)),
    "tenant_grant": Route(
        "POST",
        ids=("tenant_id:tenant",),
        data={"limit": "records", "amount": "500", "reason": "moving house"},
        accepted=(302,),
    ),
    "tenant_grant_withdraw": Route("POST", ids=("tenant_id:tenant", "grant_id:grant"), accepted=(302,)),
    "tenant_plan": Route(ids=("tenant_id:tenant",)),
    "tenant_coupon": Route(ids=("tenant_id:tenant",)),
    "tenant_invoices": Route(ids=("tenant_id:tenant",)),
    "tenant_refund": Route(ids=("tenant_id:tenant", "invoice_id:invoice")),
    "revenue": Route(),
    "failed_payments": Route(),
    "disputes": Route(query="state=closed"),
    "coupons": Route(),
    "coupon_new": Route(),
    "plans": Route(),
    "plan_new": Route(),
    "plan": Route(args={"key": "growth"}),
    "plan_draft": Route(args={"key": "growth"}),
    "plan_draft_discard": Route("POST", args={"key": "scale"}, accepted=(302,)),
    "plan_publish": Route(ids=("key:drafted",)),
    "plan_sale": Route(args={"key": "scale"}),
    "plan_sync": Route("POST", args={"key": "starter"}, accepted=(302,)),
    "add_ons": Route(),
    "add_on_new": Route(),
    "add_on": Route(args={"key": "records-50k"}),
    "add_on_sale": Route(args={"key": "records-50k"}),
    "add_on_sync": Route("POST", args={"key": "records-50k"}, accepted=(302,)),
    "tax_rates": Route(),
    "tax_rate_new": Route(),
    "tax_rate_retire": Route(ids=("rate_id:tax_rate",)),
    "tax_rate_sync": Route("POST", ids=("rate_id:tax_rate",), accepted=(302,)),
    "announcements": Route(),
    "announcement_new": Route(),
    "announcement_withdraw": Route("POST", ids=("announcement_id:announcement",), accepted=(302,)),
    "switches": Route(),
    "switch_edit": Route(args={"key": "quiet"}),
    "jobs": Route(),
    "fleet_retry": Route("POST", accepted=(302,)),
    "mails": Route(query="state=failed"),
    "access_log": Route(),
    "console_settings": Route(),
    "operator_switch": Route("POST", ids=("operator_id:colleague",), accepted=(302,)),
    "support_ask": Route(ids=("tenant_id:tenant",)),
    "support_accesses": Route(),
    "support_access": Route(ids=("access_id:access",)),
    "support_open": Route("POST", ids=("access_id:granted",), accepted=(302,)),
    "support_end": Route("POST", ids=("access_id:access",), accepted=(302,)),
}
