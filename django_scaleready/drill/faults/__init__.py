"""What is done to the replicas and to what they depend on, and what must hold meanwhile."""
