"""Install, update, uninstall: every way leaves a working Odoo, with data in the models.

Real Odoo processes on copies of the demo database. The first version of the suite is
kept beside this file as it was, so that its databases are updated as long as there are.
"""

import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from launcher.commands import attempt
from launcher.database import to_json
from launcher.server import free_port
from launcher.testing import check_log
from launcher.workshop import suite
from tests.webclient import WebClient

HERE = Path(__file__).resolve().parent
FIRST_VERSION = HERE / "first_version.tar.xz"
FIRST_SUITE = (
    "retail_ops_core",
    "retail_ops_approvals",
    "retail_ops_integrations",
    "retail_ops_dashboard",
)
BRIDGES = ("retail_ops_stock", "retail_ops_purchase", "retail_ops_maintenance")
# The rules of the bridges, which administrators may switch off.
BRIDGE_RULES = (
    "FROM base_automation WHERE id IN (SELECT res_id FROM ir_model_data"
    f" WHERE model = 'base.automation' AND noupdate AND module IN {BRIDGES})"
)
# What Odoo's tables got of each bridge last: a database of before lacks it.
LATEST = (
    ("stock_picking", "retail_agreed_goods"),
    ("purchase_order", "retail_received_at"),
    ("maintenance_request", "stage_before_id"),
)
NEIGHBOUR = "resource"
# Where the suite could leave something behind, by what is left.
ORPHANS = {
    "tables": "SELECT relname FROM pg_class WHERE relname LIKE 'retail\\_%'"
    " AND relkind IN ('r', 'v', 'S')",
    "columns": "SELECT table_name || '.' || column_name FROM information_schema.columns"
    " WHERE column_name LIKE 'retail\\_%'",
    "functions": "SELECT proname FROM pg_proc WHERE proname LIKE 'retail\\_%'",
    "models": "SELECT model FROM ir_model WHERE model LIKE 'retail.%'",
    "fields": "SELECT model || '.' || name FROM ir_model_fields"
    " WHERE relation LIKE 'retail.%'",
    "views": "SELECT name FROM ir_ui_view WHERE model LIKE 'retail.%'",
    "actions": "SELECT name FROM ir_act_window WHERE res_model LIKE 'retail.%'",
    "menus": "SELECT name FROM ir_ui_menu WHERE web_icon LIKE 'retail\\_ops%'",
    "jobs": "SELECT cron_name FROM ir_cron JOIN ir_act_server action"
    " ON action.id = ir_actions_server_id JOIN ir_model model"
    " ON model.id = action.model_id WHERE model.model LIKE 'retail.%'",
    "messages": "SELECT id FROM mail_message WHERE model LIKE 'retail.%'",
    "activities": "SELECT id FROM mail_activity WHERE res_model LIKE 'retail.%'",
    "followers": "SELECT id FROM mail_followers WHERE res_model LIKE 'retail.%'",
    "files": "SELECT id FROM ir_attachment WHERE res_model LIKE 'retail.%'",
    "named records": "SELECT model || ' ' || name FROM ir_model_data"
    " WHERE module LIKE 'retail\\_ops%'"
    " AND model NOT IN ('res.users', 'res.partner', 'res.company')",
}


class Odoo:
    """Odoo's command on one database, its log looked at after every step."""

    def __init__(self, workshop, database, log):
        self.workshop = workshop
        self.database = database
        self.log = log

    def run(self, *arguments, script=None, sub=(), **environment):
        """Run to the end; nothing above INFO may be logged. Return what was printed."""
        self.log.unlink(missing_ok=True)
        instance = self.database.instance
        with self.workshop.progress.step("Odoo") as step:
            code, output = attempt(
                instance.command("--no-http", *arguments, sub=sub),
                step=step,
                log=self.log,
                env={**instance.environment, **environment},
                stdin=script.open() if script else subprocess.DEVNULL,
            )
        assert code == 0, output[-3000:]
        assert check_log(self.workshop, self.log) == 0, loud(output)
        return output

    def update(self, *modules):
        """Update modules from the sources as they stand."""
        return self.run(f"--update={','.join(modules)}", "--stop-after-init")

    def shell(self, name, **environment):
        """Run one of the scripts beside this file in Odoo's shell."""
        script = HERE / "scripts" / f"{name}.py"
        return self.run(script=script, sub=("shell",), **environment)


def loud(output):
    """Return the lines of a log that are above INFO."""
    return "\n".join(
        re.findall(r"^\S+ \S+ \d+ (?:WARNING|ERROR|CRITICAL).*", output, re.M)
    )


@pytest.fixture
def demo(workshop, testbed):
    """The demo database, with a row in the models that the demo data leave empty.

    A model whose rows are bound by more than its required fields may stay empty: few.
    """
    with testbed.copy(testbed.demo(), "modules") as database:
        odoo = Odoo(workshop, database, workshop.home.log("test-modules"))
        filled = to_json(odoo.shell("fill"), "FILLED ")
        assert len(filled["empty"]) <= filled["models"] // 10, filled["empty"]
        yield odoo


@pytest.fixture
def of_the_first_version(workshop, testbed, tmp_path):
    """A database that the first version of the suite made, with its demo data."""
    with tarfile.open(FIRST_VERSION) as archive:
        archive.extractall(tmp_path, filter="data")
    folders = [*workshop.odoo.addons_path, tmp_path / "addons"]
    with testbed.copy(testbed.base(), "first") as database:
        # Demo data come only where what an addon stands on has its own.
        database.query("UPDATE ir_module_module SET demo = true")
        odoo = Odoo(workshop, database, workshop.home.log("test-modules"))
        odoo.run(
            f"--init={','.join(FIRST_SUITE)}",
            f"--addons-path={','.join(map(str, folders))}",
            "--with-demo",
            "--stop-after-init",
        )
        yield odoo


def serves(odoo, workshop):
    """Whether the web client of a database still loads for its administrator."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with odoo.database.instance.serving(
        port, log=workshop.home.log("test-modules-web")
    ):
        client = WebClient(url, odoo.database.name, "admin", "admin")
        page = client.session.get(f"{url}/odoo", timeout=60)
        page.raise_for_status()
        bundle = re.search(
            r'src="(/web/assets/[^"]+web\.assets_web[^"]*\.js)"', page.text
        )
        script = client.session.get(url + bundle[1], timeout=120)
        menus = client.session.get(f"{url}/web/webclient/load_menus", timeout=60)
        return script.ok and menus.ok and "odoo.define" in script.text


def test_an_update_keeps_every_row_and_logs_nothing_above_info(demo, workshop):
    make_older(demo)
    before = rows_of(demo)
    demo.update(*suite())
    after = rows_of(demo)
    lost = {table for table, count in before.items() if after[table] < count}
    assert lost == set()
    assert serves(demo, workshop)
    assert demo.database.query(f"SELECT DISTINCT active {BRIDGE_RULES}") == [["f"]]
    for table, column in LATEST:
        demo.database.query(f"SELECT {column} FROM {table} LIMIT 1")


def make_older(odoo):
    """Take away what the bridges got last, and switch off what people may."""
    for table, column in LATEST:
        odoo.database.query(f"ALTER TABLE {table} DROP COLUMN {column}")
    rules = f"SELECT id {BRIDGE_RULES}"
    odoo.database.query(
        f"UPDATE base_automation SET active = false WHERE id IN ({rules})"
    )


def rows_of(odoo):
    """Return how many rows each table of the suite has."""
    tables = odoo.database.query(
        "SELECT relname FROM pg_class WHERE relname LIKE 'retail\\_%' AND relkind = 'r'"
    )
    counted = " UNION ALL ".join(
        f"SELECT '{table}', count(*) FROM {table}" for [table] in tables
    )
    return {table: int(count) for table, count in odoo.database.query(counted)}


def test_a_database_of_the_first_version_is_updated(of_the_first_version, workshop):
    odoo = of_the_first_version
    exceptions = "SELECT name, summary FROM retail_exception ORDER BY id"
    before = odoo.database.query(exceptions)
    assert before
    odoo.update(*suite())
    assert odoo.database.query(exceptions)[: len(before)] == before
    assert serves(odoo, workshop)


def test_sources_that_shared_an_account_are_parted_by_an_update(workshop, testbed):
    accounts = "SELECT count(*), count(DISTINCT user_id) FROM retail_source"
    with testbed.copy(testbed.demo(), "shared") as database:
        database.query("DROP INDEX retail_source_user_unique")
        database.query(
            "UPDATE retail_source"
            " SET user_id = (SELECT min(user_id) FROM retail_source)"
        )
        odoo = Odoo(workshop, database, workshop.home.log("test-modules"))
        odoo.update("retail_ops_integrations")
        [[sources, users]] = database.query(accounts)
        assert sources == users
        assert database.query(
            "SELECT indexname FROM pg_indexes"
            " WHERE indexname = 'retail_source_user_unique'"
        )


def test_addons_uninstalled_one_by_one_leave_nothing_behind(demo, workshop):
    for name in reversed(suite()):
        said = demo.shell("uninstall", RETAIL_OPS_UNINSTALL=name)
        assert ("PLAIN" in said) == (name in BRIDGES)
    left = {what: demo.database.query(sql) for what, sql in ORPHANS.items()}
    assert {what: found for what, found in left.items() if found} == {}
    assert serves(demo, workshop)
    output = demo.run(
        f"--update={NEIGHBOUR}",
        f"--test-tags=/{NEIGHBOUR}",
        "--test-enable",
        "--stop-after-init",
    )
    assert re.search(r"0 failed, 0 error\(s\) of [1-9]\d* tests", output)
