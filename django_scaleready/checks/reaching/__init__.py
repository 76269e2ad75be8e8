"""Whether a replica comes to a place of the code: who names it, what is off, what nobody gives."""
