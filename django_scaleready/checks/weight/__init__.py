"""What Django brings along: which parts of it nothing uses, and what each costs here."""
