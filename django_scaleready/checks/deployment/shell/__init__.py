"""Start scripts: what a script of the shell or of Python starts, along the way that it takes."""
