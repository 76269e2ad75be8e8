"""What would break with two replicas: rules over live settings, source and deploy files."""
