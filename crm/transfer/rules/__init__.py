"""How files are read and understood. Pure: no database, no clock."""
