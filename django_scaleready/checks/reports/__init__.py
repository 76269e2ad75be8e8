"""How the result of the check is shown."""
