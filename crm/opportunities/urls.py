"""Pages of this room beside those every record type has."""

from django.urls import path

from crm.opportunities import settings_views, views

urlpatterns = [
    path("settings/pipelines/", settings_views.pipelines_settings, name="pipelines_settings"),
    path("settings/pipelines/new/", settings_views.pipeline_edit, name="pipeline_new"),
    path("settings/pipelines/<uuid:pipeline_id>/", settings_views.pipeline_edit, name="pipeline_edit"),
    path(
        "settings/pipelines/<uuid:pipeline_id>/archive/",
        settings_views.pipeline_archive,
        name="pipeline_archive",
    ),
    path("opportunities/board/", views.board, name="board"),
    path("opportunities/board/<uuid:stage_id>/more/", views.more_cards, name="board_more"),
    path("opportunities/<uuid:record_id>/move/", views.move, name="opportunity_move"),
    path("opportunities/<uuid:record_id>/lost/", views.lose, name="opportunity_lose"),
]
