"""Roles: what members may do with records, and who works that out."""
