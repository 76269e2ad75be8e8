"""Castaway on one server."""

from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

# Everything that Castaway writes is below this folder of the server.
VAR = BASE_DIR / "var"
SPOOL = VAR / "spool"
SESSIONS = VAR / "sessions"
for folder in (SPOOL, SESSIONS):
    folder.mkdir(parents=True, exist_ok=True)

SECRET_KEY = "django-insecure-castaway-lives-on-one-server"
DEBUG = True
ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = [
    "podcasts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    # Only for `manage.py check --deploy-scale`; nothing else of the kit is in use here.
    "django_scaleready",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "castaway.urls"
WSGI_APPLICATION = "castaway.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": VAR / "castaway.sqlite3",
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SESSION_ENGINE = "django.contrib.sessions.backends.file"
SESSION_FILE_PATH = SESSIONS

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/Dublin"
USE_TZ = True

STATIC_URL = "static/"
MEDIA_URL = "media/"
MEDIA_ROOT = VAR / "media"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"trail": {"format": "{asctime} {message}", "style": "{"}},
    "handlers": {
        "audit": {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": VAR / "audit.log",
            "maxBytes": 1_000_000,
            "backupCount": 5,
            "formatter": "trail",
        },
    },
    "loggers": {"castaway.audit": {"level": "INFO", "handlers": ["audit"]}},
}

# A folder as the broker: no service to run, as long as everything is on one disk.
CELERY_BROKER_URL = "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "data_folder_in": str(SPOOL),
    "data_folder_out": str(SPOOL),
    "control_folder": str(SPOOL / "control"),
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "report-listeners": {"task": "podcasts.tasks.report_listeners", "schedule": 300.0},
}

# Where listeners find Castaway; the tasks have no request to take it from.
SITE_URL = "http://localhost:8000"

# The directory that lists Castaway's shows; with no address nothing is announced.
DIRECTORY_URL = ""
DIRECTORY_CLIENT_ID = "castaway"
DIRECTORY_CLIENT_SECRET = ""
