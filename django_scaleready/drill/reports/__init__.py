"""What came of a drill: for a terminal, for programs, and for whoever has ten seconds."""
