"""What follows from what in a subscription's life. No database, no clock."""
