"""Where the floors are tied together, at start, in one visible place."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    label = "config"

    def ready(self) -> None:
        # The application that `send_on_commit` sends with: without it a web process would use a default one.
        import config.celery  # noqa: F401
        from billing.plans.selectors import plans_bringing
        from config.duties import imports_running
        from config.modules import all_modules
        from config.notices import ring_bell, tell_exporter, tell_importer, tell_receivers
        from config.rooms import actions, all_record_types, sides, tabs
        from config.shell import build_shell
        from config.steps import opening_steps, trades_offered
        from config.usage import failed_jobs, recounts, stocks
        from core.entitlements import use_plan_finder
        from core.formats import use_formats
        from core.modules import use_modules
        from core.records.numbering import use_numbering
        from core.records.rights import use_rights
        from core.records.types import use_record_types
        from core.usage.counting import use_counters
        from crm.fields.services.making import follow_undone_fields
        from crm.fields.services.shaping import forget_shape, shaped_types
        from crm.opportunities.services.pricing import follow_undone_rates
        from crm.transfer.services.endings import call_when_finished
        from crm.transfer.services.exporting import call_when_exported
        from crm.transfer.services.undo_rules import refuse_undo_of_import
        from crm.workspace.selectors.branding import brand
        from crm.workspace.selectors.formats import wishes
        from crm.workspace.selectors.modules import modules_switched_off
        from crm.workspace.services.numbering import assign_numbers, number_written
        from tenants.console.announcing import extras_of
        from tenants.console.facts import use_job_counter
        from tenants.console.support.telling import use_bell
        from tenants.people.leaving.owned import use_duties
        from tenants.people.leaving.services import call_when_handed_over
        from tenants.people.pictures import pictures
        from tenants.people.roles.rights import rights_of_person
        from tenants.people.security.events import note_list_exported
        from tenants.people.undoing import refuse_undo_of_access, refuse_undo_to_leavers
        from tenants.people.workspace_settings import forget_settings
        from tenants.registry.hosts import use_extras
        from tenants.signup.services import use_opening_steps
        from tenants.signup.trades import use_trades
        from web.branding import use_branding
        from web.faces import use_pictures
        from web.records.bin import call_after_undo, call_before_undo
        from web.records.export import call_when_list_exported
        from web.records.parts import use_parts
        from web.shell import use_shell

        use_record_types(all_record_types(), shape=shaped_types, forget=forget_shape)
        use_formats(wishes)
        use_modules(all_modules(), modules_switched_off)
        use_numbering(assign_numbers, number_written)
        use_rights(rights_of_person)
        use_opening_steps(opening_steps())
        use_trades(trades_offered())
        use_counters(stocks(), recounts())
        use_shell(build_shell)
        use_branding(brand)
        use_pictures(pictures)
        use_bell(ring_bell)
        use_extras(extras_of)
        use_job_counter(failed_jobs)
        use_plan_finder(plans_bringing)
        call_when_finished(tell_importer)
        call_when_exported(tell_exporter)
        call_before_undo(refuse_undo_of_access)
        call_before_undo(refuse_undo_to_leavers)
        call_before_undo(refuse_undo_of_import)
        use_duties(imports_running)
        call_when_list_exported(note_list_exported)
        call_when_handed_over(tell_receivers)
        call_after_undo(lambda report: forget_settings())
        call_after_undo(lambda report: follow_undone_rates(report.touched))
        call_after_undo(lambda report: follow_undone_fields(report.touched))
        use_parts(tabs(), sides(), actions())
