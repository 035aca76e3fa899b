"""The keyed hash under which the mail directory knows an address."""

from django.utils.crypto import salted_hmac


def mail_hash(mail: str) -> str:
    """A keyed hash: without the installation's secret nobody can try addresses against the table."""
    return salted_hmac("guanxi.mail-directory", mail.strip().lower(), algorithm="sha256").hexdigest()
