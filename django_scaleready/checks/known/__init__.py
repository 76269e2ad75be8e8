"""What is known of packages that projects install: their caches, storages, mail and names."""
