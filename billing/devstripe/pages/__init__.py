"""Pages that a person sees: Checkout, portal, invoice, receipt, and a home page that shows what there is."""
