"""What Flask, FAB and their extensions are told. Nothing here is for an office to change."""

from datetime import timedelta
from typing import Any

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface

from models.engine import options
from settings import Settings
from views.attempts import Attempts

LANGUAGES = {"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}}

CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "style-src-attr": "'unsafe-inline'",
    "img-src": ["'self'", "data:", "blob:"],
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

TALISMAN = {
    "force_https": False,
    "strict_transport_security": False,
    "session_cookie_secure": False,
    "frame_options": "DENY",
    "content_security_policy": CONTENT_SECURITY_POLICY,
    "content_security_policy_nonce_in": ["script-src"],
}


def flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": options(settings.database_url),
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "MAX_CONTENT_LENGTH": 64 * 1024 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,
        "APP_NAME": "民情台",
        "BABEL_DEFAULT_LOCALE": "zh",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "BABEL_TRANSLATION_DIRECTORIES": "views/translations",
        "LANGUAGES": LANGUAGES,
        "FAB_BASE_TEMPLATE": "base.html",
        "FAB_CREATE_DB": False,
        "FAB_UPDATE_PERMS": False,
        "FAB_ADD_SECURITY_API": False,
        "FAB_ADD_MENU_API": False,
        "FAB_ADD_OPENAPI_VIEWS": False,
        "FAB_API_SWAGGER_UI": False,
        "FAB_API_MAX_PAGE_SIZE": 100,
        "FAB_ROLES": {"Admin": []},
        "FAB_PASSWORD_COMPLEXITY_ENABLED": True,
        "AUTH_RATE_LIMITED": True,
        "AUTH_RATE_LIMIT": "30 per minute",
        "RATELIMIT_ENABLED": True,
        "RATELIMIT_STORAGE_URI": Attempts.address(settings.data_dir / "attempts.db"),
    }


class Sessions(SecureCookieSessionInterface):
    """The cookie is for encrypted connections alone wherever the sign-in came over one."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure
