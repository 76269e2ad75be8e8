"""The checks that are built in, a module for each thing they ask."""
