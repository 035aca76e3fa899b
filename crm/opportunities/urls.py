"""Pages of this room beside those every record type has."""

from django.urls import path

from crm.opportunities.views import board as views
from crm.opportunities.views import settings

urlpatterns = [
    path("settings/pipelines/", settings.pipelines_settings, name="pipelines_settings"),
    path("settings/pipelines/new/", settings.pipeline_edit, name="pipeline_new"),
    path("settings/pipelines/<uuid:pipeline_id>/", settings.pipeline_edit, name="pipeline_edit"),
    path(
        "settings/pipelines/<uuid:pipeline_id>/archive/",
        settings.pipeline_archive,
        name="pipeline_archive",
    ),
    path(
        "settings/pipelines/<uuid:pipeline_id>/restore/", settings.pipeline_restore, name="pipeline_restore"
    ),
    path("settings/pipelines/<uuid:pipeline_id>/first/", settings.pipeline_first, name="pipeline_first"),
    path("opportunities/board/", views.board, name="board"),
    path("opportunities/board/<uuid:stage_id>/more/", views.more_cards, name="board_more"),
    path("opportunities/<uuid:record_id>/move/", views.move, name="opportunity_move"),
    path("opportunities/<uuid:record_id>/lost/", views.lose, name="opportunity_lose"),
]
