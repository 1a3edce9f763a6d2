"""Where each setting comes from: options, environment, odoo.conf, defaults."""

import configparser
import os
from dataclasses import dataclass, fields
from pathlib import Path

from .errors import SetupError

REPOSITORY = Path(__file__).resolve().parent.parent
UNSET = ("", "False", "None", None)

# setting -> (environment variable, section and key in odoo.conf, default)
SOURCES = {
    "home": (
        "RETAIL_OPS_HOME",
        ("retail_ops", "home"),
        str(REPOSITORY / ".retail-ops"),
    ),
    "odoo_path": ("RETAIL_OPS_ODOO_PATH", ("retail_ops", "odoo_path"), ""),
    "db_host": ("RETAIL_OPS_DB_HOST", ("options", "db_host"), ""),
    "db_port": ("RETAIL_OPS_DB_PORT", ("options", "db_port"), "5432"),
    "db_user": ("RETAIL_OPS_DB_USER", ("options", "db_user"), ""),
    "db_password": ("RETAIL_OPS_DB_PASSWORD", ("options", "db_password"), ""),
    "database": ("RETAIL_OPS_DATABASE", ("options", "db_name"), "retail_ops"),
    "port": ("RETAIL_OPS_PORT", ("options", "http_port"), "8069"),
    "interface": ("RETAIL_OPS_INTERFACE", ("options", "http_interface"), "127.0.0.1"),
    "extra": ("RETAIL_OPS_WITH", ("retail_ops", "with"), ""),
    "demo": ("RETAIL_OPS_DEMO", ("retail_ops", "demo"), "yes"),
    "dev": ("RETAIL_OPS_DEV", ("retail_ops", "dev"), ""),
}
NO = ("0", "no", "false", "off")


@dataclass(frozen=True)
class Settings:
    """The settings of one start; see SOURCES for their names outside."""

    config: Path
    home: Path
    odoo_path: str
    db_host: str
    db_port: int
    db_user: str
    db_password: str
    database: str
    port: int
    interface: str
    extra: tuple
    demo: bool
    dev: str
    verbose: bool = False

    @property
    def names_a_postgres(self):
        """Whether the caller points at a PostgreSQL of his own."""
        return bool(self.db_host)


def resolve(options, environment=None):
    """Settings from parsed options, the environment and odoo.conf.

    :param dict options: option names to values; None where not given
    :raises SetupError: odoo.conf cannot be read, or a number is none
    """
    environment = os.environ if environment is None else environment
    config = Path(
        options.get("config")
        or environment.get("RETAIL_OPS_CONFIG")
        or default_config()
    )
    file = read_config(config)
    found = {name: _first(name, options, environment, file) for name in SOURCES}
    return Settings(
        config=config.absolute(),
        verbose=bool(options.get("verbose")),
        **{**found, **_typed(found)},
    )


def default_config():
    return REPOSITORY / "odoo.conf"


def read_config(path):
    """odoo.conf as a ConfigParser; interpolation is off because passwords hold '%'."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except OSError:
        raise SetupError(
            f"{path} cannot be read: name your odoo.conf with --config."
        ) from None
    except configparser.Error as error:
        raise SetupError(
            f"{path} is not a valid odoo.conf ({error}): mend it."
        ) from None
    return parser


def _first(name, options, environment, file):
    variable, (section, key), default = SOURCES[name]
    candidates = (
        options.get(name),
        environment.get(variable),
        file.get(section, key, fallback=None),
    )
    return next((value for value in candidates if value not in UNSET), default)


def _typed(found):
    return {
        "home": Path(found["home"]).expanduser().absolute(),
        "db_port": _number(found["db_port"], "database port"),
        "port": _number(found["port"], "HTTP port"),
        "database": str(found["database"]).split(",")[0],
        "extra": tuple(filter(None, str(found["extra"]).replace(" ", "").split(","))),
        "demo": str(found["demo"]).lower() not in NO,
    }


def _number(text, what):
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 0 < number < 65536:
        raise SetupError(f"'{text}' is no {what}: give a number from 1 to 65535.")
    return number


assert {field.name for field in fields(Settings)} == {*SOURCES, "config", "verbose"}
