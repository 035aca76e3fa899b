"""Pages of this room."""

from django.urls import path

from crm.workspace.views import branding, currencies, formats, hours, modules, numbering

urlpatterns = [
    path("settings/modules/", modules.modules_settings, name="modules_settings"),
    path("settings/modules/<slug:key>/", modules.module_page, name="module_page"),
    path("settings/modules/<slug:key>/switch/", modules.module_switch, name="module_switch"),
    path("settings/currencies/", currencies.currencies_settings, name="currencies_settings"),
    path("settings/currencies/base/", currencies.base_currency_page, name="base_currency"),
    path("settings/currencies/paste/", currencies.rates_paste, name="rates_paste"),
    path("settings/currencies/<slug:code>/", currencies.currency_page, name="currency"),
    path("settings/currencies/<slug:code>/paste/", currencies.currency_paste, name="currency_paste"),
    path("settings/currencies/<slug:code>/retire/", currencies.currency_retire, name="currency_retire"),
    path(
        "settings/currencies/<slug:code>/rates/<uuid:rate_id>/remove/",
        currencies.rate_remove,
        name="rate_remove",
    ),
    path("settings/hours/", hours.hours_settings, name="hours_settings"),
    path("settings/hours/picture/", hours.week_picture, name="week_picture"),
    path("settings/hours/china/", hours.china_holidays, name="china_holidays"),
    path("settings/hours/days/add/", hours.special_day_add, name="special_day_add"),
    path("settings/hours/days/<uuid:day_id>/remove/", hours.special_day_remove, name="special_day_remove"),
    path("settings/hours/<uuid:team_id>/", hours.hours_settings, name="team_hours"),
    path("settings/hours/<uuid:team_id>/follow/", hours.hours_follow, name="hours_follow"),
    path("settings/numbering/", numbering.numbering_settings, name="numbering_settings"),
    path("settings/numbering/<slug:key>/", numbering.numbering_edit, name="numbering_edit"),
    path("settings/numbering/<slug:key>/preview/", numbering.numbering_preview, name="numbering_preview"),
    path("settings/numbering/<slug:key>/existing/", numbering.number_existing, name="number_existing"),
    path("settings/branding/", branding.branding_settings, name="branding_settings"),
    path("settings/branding/logo/", branding.branding_logo, name="branding_logo"),
    path("settings/branding/preview/", branding.branding_preview, name="branding_preview"),
    path("branding/accent.css", branding.brand_style, name="brand_style"),
    path("branding/logo/", branding.brand_logo, name="brand_logo"),
    path("settings/formats/", formats.formats_settings, name="formats_settings"),
    path("settings/formats/preview/", formats.formats_preview, name="formats_preview"),
]
