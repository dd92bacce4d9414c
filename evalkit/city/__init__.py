"""Many streets on one machine: every street an ordinary workspace and a unit of work of its own.

A city's folder has ``city.yaml``, ``streets.csv`` and a workspace for each street under
``streets/``. `running` evaluates the streets that changed, each in a process, and leaves a receipt
of what a result was made of; `rolling` puts their archives together; `publishing` tells what may
be told of all of them. Nothing that is told of a committee by its street depends on other streets.
"""

from evalkit.city.checking import check
from evalkit.city.founding import found
from evalkit.city.publishing import publish
from evalkit.city.rolling import roll_up
from evalkit.city.running import run
from evalkit.city.splitting import split
from evalkit.city.summing import add_up, engine
from evalkit.city.town import Town, open_town

__all__ = [
    "Town",
    "add_up",
    "check",
    "engine",
    "found",
    "open_town",
    "publish",
    "roll_up",
    "run",
    "split",
]
