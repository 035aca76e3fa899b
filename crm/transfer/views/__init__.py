"""Pages: `imports` and `exports`; `wording` says in words what they show."""
