"""create_app(): the wiring, readable on one screen."""

from flask import Flask
from flask_migrate import Migrate

import settings as config
from models import db
from models.changes import watch
from models.engine import prepare
from models.scope import spread_net
from models.types import EXTENSION, Keyring


def create_app(settings: config.Settings | None = None) -> Flask:
    settings = settings or config.load()
    app = Flask("minqing", template_folder="views/templates", static_folder="views/static")
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SECRET_KEY"] = settings.secret_key
    app.extensions[EXTENSION] = Keyring.parse(settings.field_keys)
    app.extensions["minqing.settings"] = settings
    db.init_app(app)
    Migrate(app, db, directory="models/migrations")
    with app.app_context():
        prepare(db.engine)
    return app


spread_net(db.session)
watch(db.session)
