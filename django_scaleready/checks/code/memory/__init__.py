"""What outlives a request in its process: who fills it, who clears it, who relies on it."""
