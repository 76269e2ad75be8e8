"""An app with a model that holds an upload."""
