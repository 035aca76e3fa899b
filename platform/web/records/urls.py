"""Addresses that every record type has. Included last: rooms' own pages come before."""

from django.urls import path

import web.records.converters  # noqa: F401  (registers `record_type`)
from web.records import (
    bin,
    bulk,
    export,
    filtering,
    finding,
    forms,
    inline,
    listing,
    look_alikes,
    page,
    querying,
    sharing,
)

urlpatterns = [
    path("palette", finding.palette, name="palette"),
    path("bin/", bin.bin_page, name="bin"),
    path("undo/<uuid:batch>/", bin.undo_batch, name="undo"),
    path("<record_type:kind>/", listing.record_list, name="record_list"),
    path("<record_type:kind>/count/", listing.exact_count, name="record_count"),
    path("<record_type:kind>/pick/", finding.pick, name="record_pick"),
    path("<record_type:kind>/look-alikes/", look_alikes.show_look_alikes, name="look_alikes"),
    path("<record_type:kind>/new/", forms.new_record, name="record_new"),
    path("<record_type:kind>/export.csv", export.export_csv, name="record_export"),
    path("<record_type:kind>/filter/<slug:name>/", filtering.add_filter, name="record_filter"),
    path("<record_type:kind>/query/", querying.build_query, name="record_query"),
    path("<record_type:kind>/views/new/", filtering.new_view, name="view_new"),
    path("<record_type:kind>/views/delete/", filtering.delete_view, name="view_delete"),
    path("<record_type:kind>/bulk/delete/", bulk.bulk_delete, name="bulk_delete"),
    path("<record_type:kind>/bulk/assign/", bulk.bulk_assign, name="bulk_assign"),
    path("<record_type:kind>/bulk/change/", bulk.bulk_change, name="bulk_change"),
    path("<record_type:kind>/restore/", bin.restore, name="record_restore"),
    path("<record_type:kind>/<uuid:record_id>/", page.record_page, name="record"),
    path("<record_type:kind>/<uuid:record_id>/tab/<slug:tab>/", page.record_page, name="record_tab"),
    path("<record_type:kind>/<uuid:record_id>/edit/", forms.edit_record, name="record_edit"),
    path("<record_type:kind>/<uuid:record_id>/share/", sharing.share, name="record_share"),
    path("<record_type:kind>/<uuid:record_id>/unshare/", sharing.unshare, name="record_unshare"),
    path("<record_type:kind>/<uuid:record_id>/delete/", bin.delete_record, name="record_delete"),
    path("<record_type:kind>/<uuid:record_id>/field/<slug:name>/", inline.edit_field, name="record_field"),
]
