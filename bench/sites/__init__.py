"""What the measured servers run. They find these modules on their own path, not as this package."""
