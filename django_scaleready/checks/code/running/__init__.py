"""When code runs, and below which switches: requests, tasks, commands, programs run by hand."""
