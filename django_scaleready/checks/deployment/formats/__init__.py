"""The grammars of deploy files, a module each: from a file's text to what it says."""
