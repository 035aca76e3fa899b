"""Every room of the CRM, and every record type: the one visible list."""

ROOMS = [
    "crm.customize",
    "crm.transfer",
    "crm.activities",
    "crm.documents",
    "crm.mail",
    "crm.accounts",
    "crm.products",
    "crm.opportunities",
    "crm.desk",
    "crm.analytics",
    "crm.samples",
]
