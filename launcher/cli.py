"""The command line of ./retail-ops."""

import argparse
import signal
import sys

from . import bench as bench_module
from . import doctor as doctor_module
from . import i18n as i18n_module
from . import lint as lint_module
from . import listen as listen_module
from . import reset as reset_module
from . import run as run_module
from . import send as send_module
from . import testing
from .errors import SetupError
from .settings import resolve
from .workshop import Workshop

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
DESCRIPTION = "Retail Ops for Odoo 19: one command to set up, run, test and try it."
EPILOG = """\
Settings come from options, then the environment (RETAIL_OPS_PORT, RETAIL_OPS_HOME,
RETAIL_OPS_ODOO_PATH, RETAIL_OPS_DB_HOST, …), then odoo.conf, then defaults.
Everything made stands in the ignored folder .retail-ops; 'reset --all' removes it.
'./retail-ops COMMAND --help' tells more."""

TEST_EPILOG = """\
Sections, in this order:
  lint      ruff, pylint-odoo, the OCA checks, prettier
  static    rules of the repository (tests/static)
  launcher  this command itself (tests/launcher)
  addons    Odoo's own runner with every test of the addons, browser tours included:
            each addon in a fresh database with those below it alone, without demo
            data, the log read by checklog-odoo
  pytest    the same tests under pytest-odoo, after installation and in another
            order; the daily way to select tests. Of everything only the smallest
            addon; named, all of them
  journeys  whole journeys over HTTP with a real server (tests/journeys)
  browser   a real browser at the web client (tests/browser)

Only when named:
  soak      500 killed workers
  n8n       a real n8n beside Odoo: 2.5 GB at the first run (tests/n8n)

  ./retail-ops test                                everything
  ./retail-ops test addons/retail_ops_core         Odoo's runner on one addon
  ./retail-ops test journeys browser               two sections
  ./retail-ops test -k "delegation and not expired"
  ./retail-ops test addons/retail_ops_core -k severity

A skipped test counts as a failure. The exit code is 0 only when all passed."""


def main(arguments):
    """:return: the exit code: 0 done, 1 failed, 2 wrong usage, 130 stopped"""
    options = parser().parse_args(arguments)
    for kind in STOPS:
        signal.signal(kind, interrupted)
    try:
        return options.command(options) or 0
    except SetupError as error:
        print(f"\nretail-ops: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nretail-ops: stopped; the same command goes on from here.",
            file=sys.stderr,
        )
        return 130


def interrupted(_signal, _frame):
    """A polite end, whoever asks for it; asking twice does not cut it short."""
    for kind in STOPS:
        signal.signal(kind, signal.SIG_IGN)
    raise KeyboardInterrupt


def parser():
    top = argparse.ArgumentParser(
        prog="retail-ops",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for add in (add_run, add_test, add_send, add_listen, add_others):
        add(commands)
    return top


def add_command(commands, name, function, text):
    """A subcommand with the options that all of them share."""
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(command=function)
    command.add_argument(
        "--home", help="folder for everything made (default: .retail-ops)"
    )
    command.add_argument("--config", help="settings file (default: odoo.conf)")
    command.add_argument(
        "--odoo-path", help="an Odoo 19.0 of your own (source checkout)"
    )
    command.add_argument(
        "--verbose", action="store_true", help="show the logs as they grow"
    )
    return command


def add_database_options(command):
    command.add_argument(
        "--database", help="name of the database (default: retail_ops)"
    )
    command.add_argument(
        "--db-host", help="a PostgreSQL of your own: host or socket folder"
    )
    command.add_argument("--db-port", help="its port (default: 5432)")
    command.add_argument("--db-user", help="its role, which may create databases")
    command.add_argument("--db-password", help="better: RETAIL_OPS_DB_PASSWORD")


def workshop_of(options):
    return Workshop(resolve(vars(options)))


def add_run(commands):
    command = add_command(
        commands, "run", run, "Set up what is missing and start the server."
    )
    add_database_options(command)
    command.add_argument("--port", help="HTTP port (default: 8069)")
    command.add_argument(
        "--interface", help="address to listen on (default: 127.0.0.1)"
    )
    command.add_argument(
        "--with", dest="extra", help="more modules, e.g. stock,purchase"
    )
    command.add_argument(
        "--no-demo", dest="demo", action="store_const", const="no", help="no demo data"
    )
    command.add_argument(
        "--dev", nargs="?", const="xml,access", help="Odoo's developer features"
    )


def add_test(commands):
    command = add_command(
        commands, "test", test, "Run every check: linters, static rules, all tests."
    )
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = TEST_EPILOG
    add_database_options(command)
    command.add_argument(
        "what", nargs="*", help="sections, addons or test files (default: all)"
    )
    command.add_argument(
        "-k", dest="expression", help="only tests whose name fits, by pytest"
    )


def add_send(commands):
    command = add_command(commands, "send", send, "Post a signed stock discrepancy.")
    command.add_argument(
        "--port", help="port of the server on this machine (default: 8069)"
    )
    command.add_argument("--url", help="the whole address, for a server elsewhere")
    command.add_argument(
        "--source", help="code of the sending source (default: the demo POS)"
    )
    command.add_argument("--secret", help="its secret, whsec_… (default: the demo key)")
    command.add_argument("--store", default="0042", help="store code (default: 0042)")
    command.add_argument("--product", default="OIL-1L", help="SKU (default: OIL-1L)")
    command.add_argument(
        "--expected", type=float, default=12, help="quantity on record"
    )
    command.add_argument("--counted", type=float, default=7, help="quantity found")
    command.add_argument("--unit-cost", type=float, default=14.5, help="cost of one")
    command.add_argument("--reason", default="Counted at closing", help="what was seen")
    command.add_argument("--id", help="message id (default: a random one)")
    command.add_argument("--file", help="a JSON body of your own")
    command.add_argument(
        "--repeat", type=int, default=1, help="post one event N times: no second effect"
    )
    command.add_argument(
        "--forge", action="store_true", help="sign with a wrong secret"
    )


def add_listen(commands):
    command = add_command(
        commands, "listen", listen, "Receive signed deliveries, verify and show them."
    )
    command.add_argument(
        "--port", dest="listen_port", type=int, help="port (default: 8900)"
    )
    command.add_argument("--secret", help="whsec_… (default: the demo endpoint's)")
    command.add_argument(
        "--once", action="store_true", help="end after the first delivery"
    )


def add_others(commands):
    command = add_command(
        commands, "doctor", doctor, "Say what is well and what mends the rest."
    )
    add_database_options(command)
    command.add_argument("--port", help="HTTP port to look at (default: 8069)")
    command = add_command(
        commands, "lint", lint, "Run the linters; --fix lets them rewrite."
    )
    command.add_argument(
        "--fix", action="store_true", help="rewrite what can be rewritten"
    )
    add_command(
        commands,
        "i18n",
        i18n,
        "Export the terms anew and bring the languages up to it.",
    )
    add_database_options(
        add_command(commands, "shell", shell, "Open Odoo's Python shell.")
    )
    command = add_command(
        commands, "bench", bench, "Run a benchmark; without a name, list them."
    )
    add_database_options(command)
    command.add_argument("name", nargs="?", help="its name")
    command.add_argument(
        "arguments", nargs=argparse.REMAINDER, help="for the benchmark"
    )
    command = add_command(
        commands, "reset", reset, "Remove the database and its demo keys."
    )
    add_database_options(command)
    command.add_argument(
        "--all", action="store_true", help="remove the whole .retail-ops"
    )
    command.add_argument("--yes", action="store_true", help="do not ask")


def run(options):
    return run_module.run(workshop_of(options))


def test(options):
    selection = testing.select(options.what, options.expression)
    return testing.test(workshop_of(options), selection)


def send(options):
    return send_module.send(options, workshop_of(options))


def listen(options):
    return listen_module.listen(options, workshop_of(options))


def doctor(options):
    return doctor_module.Doctor(workshop_of(options)).examine()


def lint(options):
    results = lint_module.lint(workshop_of(options), fix=options.fix)
    return 0 if all(passed for _name, passed in results) else 1


def i18n(options):
    i18n_module.i18n(workshop_of(options))


def shell(options):
    return run_module.shell(workshop_of(options))


def bench(options):
    return bench_module.bench(workshop_of(options), options.name, options.arguments)


def reset(options):
    return reset_module.reset(
        workshop_of(options), everything=options.all, sure=options.yes
    )
