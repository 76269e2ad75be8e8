"""What the expressions of a settings module come to, as far as reading tells."""
