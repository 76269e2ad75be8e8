"""The database: what asks it, which rows, and which transaction a call runs in."""
