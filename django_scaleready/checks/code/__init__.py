"""The project's own Python code: each file read once into a summary, the summaries joined."""
