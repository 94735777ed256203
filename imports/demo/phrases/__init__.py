"""Everything that goes wrong in an invented district."""

from imports.demo.phrases.country import COUNTRY
from imports.demo.phrases.home import HOME
from imports.demo.phrases.livelihood import LIVELIHOOD
from imports.demo.phrases.nature import NATURE
from imports.demo.phrases.safety import SAFETY
from imports.demo.phrases.streets import STREETS
from imports.demo.phrases.trouble import Trouble

__all__ = ["TROUBLES", "Trouble"]

TROUBLES = (*HOME, *STREETS, *NATURE, *LIVELIHOOD, *COUNTRY, *SAFETY)
