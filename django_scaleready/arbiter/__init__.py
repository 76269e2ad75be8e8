"""What gunicorn's master does beyond gunicorn: the drain, and the words for a worker's death.

Start-up code: the master loads neither Django nor the project.
"""
