"""create_app(): the wiring, readable on one screen."""

from pathlib import Path
from typing import cast

from flask import Flask
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from sqlalchemy.orm import Session

import settings as config
from jobs import logs
from models import db
from models.changes import watch
from models.engine import prepare
from models.scope import spread_net
from models.types import EXTENSION, Keyring
from models.uploads import guard_files
from views.catalogue import bind
from views.config import TALISMAN, Sessions, flask_config
from views.console import Console
from views.health import health
from views.kit.context import place_acting
from views.kit.security import ConsoleSecurityManager
from views.look import dress
from views.register import register

HERE = Path(__file__).parent


def create_app(settings: config.Settings | None = None) -> Flask:
    """The console with its command line, which costs a second to load that the web server need not spend."""
    from flask_migrate import Migrate

    import commands
    import commands_books
    import commands_imports

    app = console(settings or config.load())
    Migrate(app, db, directory=str(HERE / "models/migrations"))
    commands.register(app)
    app.cli.add_command(commands_books.template)
    commands_imports.register(app)
    return app


def console(settings: config.Settings) -> Flask:
    app = Flask("minqing", root_path=str(HERE), template_folder="views/templates", static_folder="views/static")
    app.config.from_mapping(flask_config(settings))
    app.session_interface = Sessions()
    app.extensions[EXTENSION] = keyring(settings)
    app.extensions[config.EXTENSION] = settings
    db.init_app(app)
    CSRFProtect(app)
    Talisman(app, **TALISMAN)
    dress(app)
    with app.app_context():
        prepare(db.engine)
        register(Console(app, cast(Session, db.session), security_manager_class=ConsoleSecurityManager))
    bind(app)
    app.before_request(place_acting)
    app.register_blueprint(health)
    return app


def keyring(settings: config.Settings) -> Keyring:
    """What is wrong with the keys is said, without a trace of them."""
    try:
        return Keyring.parse(settings.field_keys)
    except ValueError as error:
        raise SystemExit(str(error)) from None


def web() -> Flask:
    """What the web server starts."""
    logs.configure()
    return console(config.load())


spread_net(db.session)
watch(db.session)
guard_files(db.session)
