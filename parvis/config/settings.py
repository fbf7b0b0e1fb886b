"""Settings, read from the environment so that one code base serves a laptop and a server room.

Variables: PARVIS_HOME, PARVIS_DATABASE_URL, PARVIS_BASE_URL, PARVIS_PORT, PARVIS_SMTP_HOST, PARVIS_SMTP_PORT,
PARVIS_SMTP_ACCEPT_ANY, PARVIS_SMTP_CERT, PARVIS_SMTP_KEY, PARVIS_IMAP_URL, PARVIS_SECRET_KEY, PARVIS_DEBUG,
PARVIS_ALLOWED_HOSTS, PARVIS_EMAIL_BACKEND, PARVIS_EMAIL_URL, PARVIS_FROM_EMAIL, PARVIS_SMS_URL, PARVIS_SMS_FROM,
PARVIS_BEHIND_PROXY, PARVIS_TRUSTED_PROXIES, PARVIS_OUTGOING_NETWORKS, PARVIS_LIVE_STREAMS_MAX.
docs/operations.md says what each means.
"""

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF


def _flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def _secret_key(home: Path) -> str:
    """The key of this installation: given, or made once and kept beside the data, readable by its owner only."""
    if key := os.environ.get("PARVIS_SECRET_KEY"):
        return key
    path = home / "secret_key"
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(fd, "w") as file:
        file.write(key := secrets.token_urlsafe(64))
    return key


TESTING = "pytest" in sys.modules
PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("PARVIS_HOME", PACKAGE.parent / "var")).resolve()
HOME.mkdir(parents=True, exist_ok=True)

DEBUG = _flag("PARVIS_DEBUG")
SECRET_KEY = _secret_key(HOME)
PORT = int(os.environ.get("PARVIS_PORT", "8000"))
BASE_URL = os.environ.get("PARVIS_BASE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
SECURE = BASE_URL.startswith("https://")
ALLOWED_HOSTS = [h for h in os.environ.get("PARVIS_ALLOWED_HOSTS", "").split(",") if h] or [
    urlsplit(BASE_URL).hostname or "localhost",
    "127.0.0.1",
    "localhost",
]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SMTP_HOST = os.environ.get("PARVIS_SMTP_HOST", "127.0.0.1")
SMTP_PORT = int(os.environ.get("PARVIS_SMTP_PORT", "2525"))
# Mail for addresses that are nobody's is refused, unless one says so (trials, a server in front that has checked).
SMTP_ACCEPT_ANY = _flag("PARVIS_SMTP_ACCEPT_ANY")
SMTP_CERTIFICATE, SMTP_KEY = os.environ.get("PARVIS_SMTP_CERT", ""), os.environ.get("PARVIS_SMTP_KEY", "")
# Mailboxes elsewhere that the worker empties without marking anything read: imaps://user:password@host/INBOX …
IMAP_URLS = os.environ.get("PARVIS_IMAP_URL", "").split()

INSTALLED_APPS = [
    "parvis.web",
    "parvis.webhooks",
    "parvis.desk",
    "parvis.queueing",
    "parvis.reservations",
    "parvis.promises",
    "parvis.encounters",
    "parvis.customers",
    "parvis.channels",
    "parvis.catalog",
    "parvis.staff",
    "parvis.ledger",
    "parvis.toolkit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "anymail",
    "django_htmx",
    "template_partials",
]

MIDDLEWARE = [
    "parvis.toolkit.proxies.CallerMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Denied unless a view says otherwise (@login_not_required).
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "parvis.staff.middleware.ViewerMiddleware",
    "parvis.web.middleware.HouseTimeMiddleware",
    "parvis.toolkit.middleware.ErrorMiddleware",
    "axes.middleware.AxesMiddleware",
    "parvis.toolkit.api.idempotency.IdempotencyMiddleware",
]

ROOT_URLCONF = "parvis.config.urls"
WSGI_APPLICATION = "parvis.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "parvis.web.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# Database ------------------------------------------------------------------------------------------------------
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("PARVIS_DATABASE_URL", f"sqlite:///{HOME / 'parvis.sqlite3'}"),
        conn_max_age=600,
        conn_health_checks=False,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["ENGINE"] = "parvis.toolkit.sqlite3"
    DATABASES["default"]["OPTIONS"] = {
        # Deferred transactions fail under writers when they upgrade; IMMEDIATE waits its turn instead.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # The system's own cache serves reads; a small one per connection and no mapping keep forty threads lean. The
        # log is copied into the database every 32 MB: every 4 MB, as is usual, was every sixteen new encounters.
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
            "PRAGMA cache_size=-2000;PRAGMA temp_store=MEMORY;PRAGMA wal_autocheckpoint=8000;"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People and sign-in --------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "staff.Member"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "parvis.staff.sessions.Backend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    # Every test makes a cast of five; a hash that is slow on purpose would be most of the suite's time.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "parvis.staff.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "parvis.staff.entrance_forms.LoginForm",
    "reauthenticate": "parvis.staff.entrance_forms.ReauthenticateForm",
    "change_password": "parvis.staff.entrance_forms.ChangePasswordForm",
    "reset_password": "parvis.staff.entrance_forms.ResetPasswordForm",
    "reset_password_from_key": "parvis.staff.entrance_forms.ResetPasswordKeyForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Whoever asks about a stranger's address gets the same page, and the stranger no mail.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# Nobody signs up: an administrator gives each address, so there is nothing to verify before a second step.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Parvis"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "parvis.staff.views.locked_out"
# allauth passes what was typed as "email": without this, all failures of one network would be counted as one person's.
AXES_USERNAME_CALLABLE = "parvis.staff.adapter.account_tried"
AXES_ENABLE_ADMIN = False

# Languages and time --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
# The kernel is no app, and yet it has words: those of its errors.
LOCALE_PATHS = [PACKAGE / "kernel" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files: served by the application itself, hashed and compressed, so that one process is enough ------------
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "parvis.web.storage.HashedStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or TESTING
# A test opens many clients: to look at every file for each of them took a seventh of a run.
WHITENOISE_AUTOREFRESH = DEBUG or TESTING
MEDIA_ROOT = HOME / "media"

# Mail out: without a server, mail stays in the outbox and says so -------------------------------------------------
_mail = urlsplit(os.environ.get("PARVIS_EMAIL_URL", ""))
EMAIL_BACKEND = os.environ.get("PARVIS_EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = _mail.hostname or ""
EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 25)
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
EMAIL_TIMEOUT = 20
# An SMTP server by PARVIS_EMAIL_URL, or any django-anymail back end by PARVIS_EMAIL_BACKEND.
MAIL_CONFIGURED = bool(EMAIL_HOST) or "PARVIS_EMAIL_BACKEND" in os.environ
DEFAULT_FROM_EMAIL = os.environ.get("PARVIS_FROM_EMAIL", "parvis@localhost")
ANYMAIL = {name.removeprefix("ANYMAIL_"): value for name, value in os.environ.items() if name.startswith("ANYMAIL_")}

# Text messages: by whom, and what they come from. Without a provider there are none (parvis/channels/domain/sms.py).
SMS_URL, SMS_FROM = os.environ.get("PARVIS_SMS_URL", ""), os.environ.get("PARVIS_SMS_FROM", "")

# Security ------------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-parvis" if SECURE else "parvis"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "parvis.staff.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
# Whose X-Forwarded-For is believed: with a proxy in front, the one on this machine unless others are named.
PARVIS_TRUSTED_PROXIES = [p.strip() for p in os.environ.get("PARVIS_TRUSTED_PROXIES", "").split(",") if p.strip()]
if _flag("PARVIS_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    PARVIS_TRUSTED_PROXIES = PARVIS_TRUSTED_PROXIES or ["127.0.0.1", "::1"]
# Where Parvis may ask though it is no public address: calendars, webhooks and providers within the house.
PARVIS_OUTGOING_NETWORKS = [p.strip() for p in os.environ.get("PARVIS_OUTGOING_NETWORKS", "").split(",") if p.strip()]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "frame-src": [SELF],
    }
}
# Twenty attachments of a portal form, and no more than this in memory.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
PARVIS_UPLOAD_MAX_BYTES = 15 * 1024 * 1024
PARVIS_MAIL_MAX_BYTES = 40 * 1024 * 1024
# Live streams a web process holds open, each on one of its threads; beyond, pages poll. The rest is left for pages.
PARVIS_LIVE_STREAMS_MAX = int(
    os.environ.get("PARVIS_LIVE_STREAMS_MAX") or max(1, int(os.environ.get("PARVIS_WEB_THREADS", "40")) * 3 // 5)
)

NINJA_PAGINATION_MAX_LIMIT = 200
SILENCED_SYSTEM_CHECKS: list[str] = []

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"parvis": {"level": "INFO"}, "axes": {"level": "WARNING"}},
}
