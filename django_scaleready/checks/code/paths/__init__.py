"""Files: which expressions are paths, and what is written, read and removed where they lead."""
