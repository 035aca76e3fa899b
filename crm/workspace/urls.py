"""Pages of this room."""

from django.urls import path

from crm.workspace.views import modules

urlpatterns = [
    path("settings/modules/", modules.modules_settings, name="modules_settings"),
    path("settings/modules/<slug:key>/", modules.module_page, name="module_page"),
    path("settings/modules/<slug:key>/switch/", modules.module_switch, name="module_switch"),
]
