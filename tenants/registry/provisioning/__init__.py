"""Making workspaces: template → script → pool → claim. See docs/tour.md, "A sign-up"."""
