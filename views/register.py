"""Every screen of the console, in the order of the navigation."""

from flask_appbuilder import AppBuilder

from views.kit.options import OptionsView
from views.units import UnitView

SCREENS = [
    UnitView,
    OptionsView,
]


def register(appbuilder: AppBuilder) -> None:
    for screen in SCREENS:
        appbuilder.add_view_no_menu(screen)
