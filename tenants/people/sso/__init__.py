"""Signing in by another service (OpenID Connect), one of each workspace's own choice."""
