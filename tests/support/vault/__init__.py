"""An app whose model has a storage of its own."""
