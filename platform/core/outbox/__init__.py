"""Tasks that a transaction asks for are sent, whatever happens to the queue or the process meanwhile."""
