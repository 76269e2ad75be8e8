"""From a folder to the summaries of its files: finding, reading, spreading, keeping."""
