""" "Find my workspace": the answer goes by mail only, so that the page tells nothing."""

from core.tenancy.addresses import address_of, public_address
from tenants.people.mailing import send_mail_in
from tenants.signup.directory import workspaces_of


def mail_workspaces(mail: str, language: str) -> None:
    """One mail to the address: its workspaces, or that there is none."""
    found = [(name, address_of(host)) for name, host in workspaces_of(mail)]
    context = {"workspaces": found, "sign_up_url": public_address(), "mail": mail}
    send_mail_in(language, "tenants/signup/mail/workspaces", mail, context)
