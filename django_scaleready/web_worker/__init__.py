"""What runs in gunicorn's workers once the application is loaded, whatever their class."""
