"""Pages of this room beside those every record type has."""

from django.urls import path

from crm.opportunities import views

urlpatterns = [
    path("opportunities/board/", views.board, name="board"),
    path("opportunities/board/<uuid:stage_id>/more/", views.more_cards, name="board_more"),
    path("opportunities/<uuid:record_id>/move/", views.move, name="opportunity_move"),
    path("opportunities/<uuid:record_id>/lost/", views.lose, name="opportunity_lose"),
]
