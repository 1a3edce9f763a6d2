"""A PostgreSQL of our own: started, shared, stopped, mended after a crash."""

import os
import signal
import time
from pathlib import Path

import pytest

from launcher.database import Database
from launcher.errors import SetupError
from launcher.postgres import LONGEST_SOCKET_PATH, named
from launcher.settings import resolve
from launcher.workshop import Workshop


def pid_of(cluster):
    return int((cluster.folder / "postmaster.pid").read_text().split()[0])


def wait_for_end(pid):
    end = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.05)


def test_it_starts_answers_and_stops_with_the_block(make_cluster):
    cluster = make_cluster()
    with cluster.running() as connection:
        assert connection.query("SELECT 6 * 7;") == [["42"]]
    assert not cluster.is_running()


def test_it_listens_on_no_port_and_its_socket_is_private(make_cluster):
    cluster = make_cluster()
    with cluster.running() as connection:
        assert connection.query("SHOW listen_addresses;") == [[""]]
        assert cluster.sockets.stat().st_mode & 0o077 == 0


def test_a_second_launcher_joins_and_the_last_one_stops_the_server(make_cluster):
    first, second = make_cluster(), make_cluster()
    with first.running():
        pid = pid_of(first)
        with second.running() as connection:
            assert pid_of(second) == pid
        assert first.answers()
        assert connection.query("SELECT 1;") == [["1"]]
    assert not first.is_running()


def test_a_server_in_use_is_not_removed(make_cluster):
    cluster = make_cluster()
    with cluster.running() as connection:
        with pytest.raises(SetupError, match="Another ./retail-ops uses"):
            make_cluster().remove()
        assert connection.query("SELECT 1;") == [["1"]]


def test_a_crashed_server_is_started_again_with_its_data(make_cluster):
    cluster = make_cluster()
    with cluster.running() as connection:
        connection.query("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1);")
        connection.query("CHECKPOINT;")
        pid = pid_of(cluster)
        os.kill(pid, signal.SIGKILL)
        wait_for_end(pid)
    with cluster.running() as connection:
        assert connection.query("SELECT id FROM kept;") == [["1"]]


def test_a_stale_pid_file_that_names_a_living_process_is_no_obstacle(make_cluster):
    cluster = make_cluster()
    with cluster.running():
        pass
    lines = [str(os.getpid()), str(cluster.folder), "0", "5432", "", "", ""]
    (cluster.folder / "postmaster.pid").write_text("\n".join(lines) + "\n")
    with cluster.running() as connection:
        assert connection.query("SELECT 1;") == [["1"]]


@pytest.mark.parametrize(("durable", "setting"), [(True, "on"), (False, "off")])
def test_what_is_committed_is_on_the_disk_but_in_tests(make_cluster, durable, setting):
    cluster = make_cluster()
    cluster.durable = durable
    names = ("synchronous_commit", "fsync", "full_page_writes")
    with cluster.running() as connection:
        assert [connection.query(f"SHOW {name};") for name in names] == [
            [[setting]]
        ] * len(names)


def test_an_interrupted_first_start_is_done_again(make_cluster):
    cluster = make_cluster()
    part = cluster.folder.with_name(f"{cluster.name}.part")
    part.mkdir(parents=True)
    (part / "half").write_text("made")
    with cluster.running() as connection:
        assert connection.query("SELECT 1;") == [["1"]]


def test_data_of_another_postgres_are_refused(make_cluster):
    cluster = make_cluster()
    with cluster.running():
        pass
    (cluster.folder / "PG_VERSION").write_text("15\n")
    with pytest.raises(SetupError, match="PostgreSQL 15"), cluster.running():
        pass


def test_data_of_another_user_are_refused(make_cluster):
    cluster = make_cluster()
    cluster.folder.mkdir(parents=True)
    if os.geteuid():
        cluster.name = "../" * len(cluster.folder.parents) + "usr"
    else:
        os.chown(cluster.folder, 54321, 54321)
    with pytest.raises(SetupError, match="belong to user"):
        cluster.check_folder()
    cluster.name = "pgdata"


def test_a_deep_folder_gets_a_short_socket(make_cluster, tmp_path):
    deep = tmp_path / ("a-very-long-name-" * 5) / ("another-long-name-" * 5)
    cluster = make_cluster(deep)
    assert len(str(cluster.sockets / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH
    with cluster.running() as connection:
        assert connection.query("SELECT 1;") == [["1"]]


def test_a_named_postgres_that_does_not_answer_is_refused(make_cluster, tmp_path):
    settings = resolve({"db_host": str(tmp_path), "db_user": "odoo"}, {})
    with pytest.raises(SetupError, match="--db-host"):
        named(settings, make_cluster().wheel)


def test_a_named_role_must_be_able_to_create_databases(make_cluster):
    cluster = make_cluster()
    with cluster.running() as connection:
        connection.query("CREATE ROLE poor LOGIN;")
        settings = resolve({"db_host": str(cluster.sockets), "db_user": "poor"}, {})
        with pytest.raises(SetupError, match="may not create databases"):
            named(settings, cluster.wheel)


@pytest.fixture
def database(make_cluster, home):
    """An empty database called 'shop'."""
    workshop = Workshop(resolve({"home": str(home)}, {}))
    with make_cluster().running() as connection:
        connection.query("CREATE DATABASE shop;")
        yield Database(workshop, connection, "shop")


def test_a_database_that_is_not_of_odoo_is_refused(database):
    with pytest.raises(SetupError, match="not one of Odoo"):
        database.check_version()


@pytest.mark.parametrize("version", ["18.0.1.3", "20.0.1.0", "saas~19.2.1.3"])
def test_a_database_of_another_odoo_is_refused(database, version):
    database.query("CREATE TABLE ir_module_module (name text, latest_version text);")
    database.query(f"INSERT INTO ir_module_module VALUES ('base', '{version}');")
    with pytest.raises(SetupError, match="upgrade it first"):
        database.check_version()


def test_a_database_of_odoo_19_is_accepted(database):
    database.query("CREATE TABLE ir_module_module (name text, latest_version text);")
    database.query("INSERT INTO ir_module_module VALUES ('base', '19.0.1.3');")
    database.check_version()
