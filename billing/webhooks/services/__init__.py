"""Taking in what Stripe tells, once, and following it."""
