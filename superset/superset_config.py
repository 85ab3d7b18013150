"""Superset's configuration; the desk gives the variables (desk/superset.py)."""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request
from flask_appbuilder import IndexView, expose
from flask_login import current_user

import superset

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_METADATA_URI"]

APP_NAME = "Desk"
FEATURE_FLAGS = {
    "DASHBOARD_RBAC": True,  # a dashboard is open to its roles, and to no others
    "DYNAMIC_PLUGINS": True,  # the candlestick chart
    "ENABLE_TEMPLATE_PROCESSING": True,  # the candles keep their bars, see DECISIONS
    "EMBEDDED_SUPERSET": False,
}
PUBLIC_ROLE_LIKE = None  # nobody without an account sees anything
DASHBOARD_AUTO_REFRESH_MODE = "fetch"
SQLLAB_TIMEOUT = 30
SESSION_COOKIE_NAME = "desk_superset"
SESSION_COOKIE_SAMESITE = "Lax"

# Looks ------------------------------------------------------------------------

INK = "#0f766e"


def _theme(algorithm: str, **tokens: str) -> dict[str, Any]:
    return {
        "token": {
            "brandAppName": APP_NAME,
            "brandLogoAlt": APP_NAME,
            "brandLogoUrl": "/desk/logo.svg",
            "brandLogoHref": "/",
            "brandLogoHeight": "24px",
            "brandLogoMargin": "18px 0",
            "brandIconMaxWidth": 90,
            "colorPrimary": INK,
            "colorLink": INK,
            "colorError": "#dc2626",
            "colorWarning": "#d97706",
            "colorSuccess": "#16a34a",
            "colorInfo": "#0284c7",
            "fontUrls": [],
            "fontFamily": "Inter, Helvetica, Arial, sans-serif",
            "fontFamilyCode": "'IBM Plex Mono', 'Courier New', monospace",
            "transitionTiming": 0.2,
            "fontSizeXS": "8",
            "fontSizeXXL": "28",
            "fontWeightNormal": "400",
            "fontWeightLight": "300",
            "fontWeightStrong": "500",
            "fontWeightBold": "700",
            **tokens,
        },
        "algorithm": algorithm,
    }


THEME_DEFAULT = _theme("default", colorEditorSelection="#fff5cf")
THEME_DARK = _theme(
    "dark", colorPrimary="#2dd4bf", colorLink="#2dd4bf", colorEditorSelection="#5c4d1a"
)
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "desk",
        "label": "Desk",
        "description": "Readable on light and dark",
        "isDefault": True,
        "colors": [
            *("#0d9488", "#6366f1", "#d97706", "#db2777"),
            *("#0284c7", "#65a30d", "#9333ea", "#78716c"),
        ],
    }
]

EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "desk_returns",
        "label": "Losses to gains",
        "description": "Red, neutral, green",
        "isDiverging": True,
        "isDefault": False,
        "colors": ["#dc2626", "#f3a5a5", "#e7e5e4", "#86d3a5", "#16a34a"],
    }
]

# The candlestick chart ----------------------------------------------------------

PLUGIN = (Path(__file__).parent / "plugin" / "candles.built.js").read_bytes()
# Browsers keep it for a year: its name changes with its content.
PLUGIN_NAME = f"candles.{sha256(PLUGIN).hexdigest()[:12]}.js"
LOGO = (Path(__file__).parent / "logo.svg").read_bytes()
YEAR = "public, max-age=31536000, immutable"

blueprint = Blueprint("desk", __name__)


@blueprint.get("/dynamic-plugins/api/read")
def plugins() -> Response:
    """What the browser loads beside Superset's own charts."""
    plugin = {
        "id": 1,
        "name": "Candles",
        "key": "desk_candles",
        "bundle_url": f"/desk/{PLUGIN_NAME}",
    }
    return jsonify(result=[plugin])


@blueprint.get(f"/desk/{PLUGIN_NAME}")
def plugin() -> Response:
    """The chart itself."""
    return Response(PLUGIN, mimetype="text/javascript", headers={"Cache-Control": YEAR})


@blueprint.get("/desk/logo.svg")
def logo() -> Response:
    """The desk's sign."""
    return Response(LOGO, mimetype="image/svg+xml")


# What would leave the machine or fail -------------------------------------------

TELEMETRY = b"https://apachesuperset.gateway.scarf.sh/pixel"
ASSETS = Path(superset.__file__).parent / "static" / "assets"
# Each page would load a picture from the makers' server, and there is no switch.
TELLING = {
    f"/static/assets/{p.name}": p
    for p in ASSETS.glob("*.js")
    if TELEMETRY in p.read_bytes()
}


@blueprint.before_app_request
def keep_quiet() -> Response | None:
    """Scripts without their telemetry; and viewers, who may not save anything, are
    not refused when a chart wants to save the colours it chose."""
    if script := TELLING.get(request.path):
        quiet = script.read_bytes().replace(TELEMETRY, b"/desk/pixel")
        return Response(
            quiet, mimetype="text/javascript", headers={"Cache-Control": YEAR}
        )
    saves_colors = request.method == "PUT" and request.path.endswith("/colors")
    if saves_colors and "Admin" not in {role.name for role in current_user.roles}:
        return jsonify(result="kept as they are")
    return None


@blueprint.get("/desk/pixel/<path:_>")
def pixel(_: str) -> Response:
    """Nothing, and nobody is told."""
    return Response(status=204)


BLUEPRINTS = [blueprint]


class FirstPage(IndexView):
    """Who comes in looks at today."""

    @expose("/")
    def index(self) -> Response:
        """Go to the first dashboard."""
        return redirect("/superset/dashboard/today/")


FAB_INDEX_VIEW = f"{FirstPage.__module__}.{FirstPage.__name__}"
