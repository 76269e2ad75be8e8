"""One module per rule; each docstring is the rule's page, and its examples are run as tests."""
