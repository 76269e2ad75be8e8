"""One file's syntax tree: what its scopes bind, call and change, and what rules may ask of it."""
