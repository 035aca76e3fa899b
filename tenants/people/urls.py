"""Addresses of people, their own pages, and the ways into a workspace."""

from django.urls import path

from tenants.people.views import entering, leaving, people, profile, roles, teams, territories
from web.errors import closed

urlpatterns = [
    path("enter/<str:code>/", entering.enter, name="enter"),
    path("join/<str:token>/", entering.join, name="join"),
    path("confirm/<str:token>/", entering.confirm, name="confirm_mail"),
    path("profile/", profile.profile, name="profile"),
    path("profile/picture/", profile.change_picture, name="profile_picture"),
    path("profile/mail/", profile.change_mail, name="profile_mail"),
    path("profile/confirmation/", profile.resend_confirmation, name="profile_confirmation"),
    path("people/<uuid:person_id>/picture/", profile.picture, name="picture"),
    path("settings/", people.settings_home, name="settings"),
    path("settings/people/", people.people_settings, name="people_settings"),
    path("settings/people/invite/", people.invite, name="invite"),
    path("settings/people/ownership/", people.hand_over_ownership, name="hand_over_workspace"),
    path("settings/people/<uuid:person_id>/invite/", people.invite_person, name="invite_person"),
    path("settings/people/<uuid:person_id>/role/", people.set_role, name="person_role"),
    path("settings/people/<uuid:person_id>/deactivate/", leaving.deactivate, name="person_deactivate"),
    path("settings/people/<uuid:person_id>/reactivate/", people.reactivate, name="person_reactivate"),
    path("settings/people/<uuid:person_id>/hand-over/", leaving.hand_records_over, name="person_hand_over"),
    path("settings/people/<uuid:person_id>/shares/", leaving.preview, name="hand_over_preview"),
    path("settings/hand-overs/<uuid:hand_over_id>/", leaving.hand_over_page, name="hand_over"),
    path("settings/invitations/<uuid:invitation_id>/resend/", people.resend, name="invitation_resend"),
    path("settings/invitations/<uuid:invitation_id>/withdraw/", people.withdraw, name="invitation_withdraw"),
    path("settings/teams/", teams.teams_settings, name="teams_settings"),
    path("settings/teams/new/", teams.team_new, name="team_new"),
    path("settings/teams/<uuid:team_id>/", teams.team_edit, name="team_edit"),
    path("settings/teams/<uuid:team_id>/delete/", teams.team_delete, name="team_delete"),
    path("settings/territories/", territories.territories_settings, name="territories_settings"),
    path("settings/territories/new/", territories.territory_new, name="territory_new"),
    path("settings/territories/<uuid:territory_id>/", territories.territory_edit, name="territory_edit"),
    path(
        "settings/territories/<uuid:territory_id>/delete/",
        territories.territory_delete,
        name="territory_delete",
    ),
    path("settings/roles/", roles.roles_settings, name="roles_settings"),
    path("settings/roles/new/", roles.role_new, name="role_new"),
    path("settings/roles/as-oneself/", roles.view_as_oneself, name="view_as_oneself"),
    path("settings/roles/<uuid:role_id>/", roles.role_page, name="role"),
    path("settings/roles/<uuid:role_id>/fields/<slug:key>/", roles.role_fields, name="role_fields"),
    path("settings/roles/<uuid:role_id>/delete/", roles.role_delete, name="role_delete"),
    path("settings/roles/<uuid:role_id>/reset/", roles.role_reset, name="role_reset"),
    path("settings/roles/<uuid:role_id>/view-as/", roles.view_as, name="view_as"),
    path("teams/pick/", teams.team_pick, name="team_pick"),
    # allauth's own ways to change and confirm an address: its keys would be good in every workspace.
    path("account/email/", closed, name="account_email"),
    path("account/confirm-email/", closed, name="account_email_verification_sent"),
    path("account/confirm-email/<str:key>/", closed, name="account_confirm_email"),
]
