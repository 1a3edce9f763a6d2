"""Bad luck at set-up ends with one sentence that says what to do."""

import ast
import os
import subprocess
import sys

import pytest

from launcher.errors import SetupError, explain
from launcher.files import writing_to
from launcher.mirror import codename
from launcher.settings import REPOSITORY


def test_a_port_in_use(retail_ops, assert_refused, taken_port):
    done = retail_ops("run", "--port", taken_port)
    assert_refused(done, f"Port {taken_port}", "in use", "--port")


def test_an_odoo_that_is_not_19(retail_ops, assert_refused, make_odoo):
    done = retail_ops("run", "--odoo-path", make_odoo("(18, 0, 0, FINAL, 0, '')"))
    assert_refused(done, "is 18.0", "--odoo-path")


def test_a_folder_without_odoo(retail_ops, assert_refused, tmp_path):
    assert_refused(retail_ops("run", "--odoo-path", tmp_path), "no Odoo at")


def test_a_folder_that_cannot_be_written(retail_ops, assert_refused):
    done = retail_ops("run", "--home", "/sys/retail-ops")
    assert_refused(done, "/sys/retail-ops", "cannot be written", "--home")


def test_a_file_where_the_folder_should_be(retail_ops, assert_refused, tmp_path):
    (tmp_path / "file").write_text("")
    done = retail_ops("run", "--home", tmp_path / "file" / "home")
    assert_refused(done, "cannot be written")


@pytest.fixture
def apt_that_knows(tmp_path):
    """An environment whose apt knows one source only."""

    def knows(address):
        sources = tmp_path / "sources.list"
        sources.write_text(f"deb {address} {codename() or 'stable'} main\n")
        config = tmp_path / "apt.conf"
        config.write_text(
            f'Dir::Etc::sourcelist "{sources}";\nDir::Etc::sourceparts "/dev/null";\n'
        )
        return {"APT_CONFIG": str(config)}

    return knows


def test_no_network(retail_ops, assert_refused, apt_that_knows):
    done = retail_ops("run", **apt_that_knows("http://127.0.0.1:1/debian"))
    assert_refused(done, "check the network", "--odoo-path")


def test_a_mirror_without_odoo_19(retail_ops, assert_refused, apt_that_knows, tmp_path):
    (tmp_path / "empty").mkdir()
    done = retail_ops("run", **apt_that_knows(f"file:{tmp_path}/empty"))
    assert_refused(done, "does not offer odoo-19", "--odoo-path")


def test_a_machine_whose_apt_knows_no_debian(retail_ops, assert_refused, tmp_path):
    (tmp_path / "sources.list").write_text("")
    config = tmp_path / "apt.conf"
    config.write_text(
        f'Dir::Etc::sourcelist "{tmp_path}/sources.list";\n'
        'Dir::Etc::sourceparts "/dev/null";\n'
    )
    done = retail_ops("run", APT_CONFIG=str(config))
    assert_refused(done, "no plain Debian mirror", "--odoo-path")


def test_a_machine_without_apt(retail_ops, assert_refused, tmp_path):
    done = retail_ops("run", PATH=str(tmp_path))
    assert_refused(done, "no apt", "--odoo-path")


def test_a_failed_try_leaves_nothing_that_looks_complete(
    retail_ops, apt_that_knows, home
):
    retail_ops("run", **apt_that_knows("http://127.0.0.1:1/debian"))
    assert not (home / "odoo").exists()
    assert not (home / "venv").exists()


def test_a_python_that_is_too_old_says_so(tmp_path):
    """The same text, told that the oldest supported Python is a later one."""
    text = (REPOSITORY / "retail-ops").read_text()
    command = tmp_path / "retail-ops"
    command.write_text(text.replace("OLDEST = (3, 10)", "OLDEST = (9, 0)"))
    done = subprocess.run(
        [sys.executable, str(command), "run"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "needs Python 3.10 to 3.13" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_old_python_can_read_the_command():
    ast.parse((REPOSITORY / "retail-ops").read_text(), feature_version=(3, 4))


def test_a_full_disk_is_named_as_such():
    with pytest.raises(SetupError, match="is full"), writing_to("/dev/full"):
        with open("/dev/full", "w") as file:
            file.write("x" * 100_000)


def test_a_program_that_met_a_full_disk_is_explained():
    done = subprocess.run(
        ["dd", "if=/dev/zero", "of=/dev/full", "count=1"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    error = explain(done.stderr, "Unpacking", "/some/folder", "/some/log")
    assert "is full" in str(error)


@pytest.mark.parametrize("command", ["send", "listen"])
def test_there_are_no_demo_keys_yet(retail_ops, assert_refused, command):
    assert_refused(retail_ops(command), "no demo keys", "./retail-ops run")


def test_nobody_answers(retail_ops, assert_refused):
    done = retail_ops(
        *("send", "--url", "http://127.0.0.1:1/", "--source", "x"),
        *("--secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    )
    assert_refused(done, "Nobody answers", "./retail-ops run")


def test_reset_removes_nothing_while_nobody_agrees(retail_ops, assert_refused, home):
    home.mkdir()
    (home / "credentials.json").write_text("{}")
    done = retail_ops("reset")
    assert_refused(done, "Nothing was removed", "--yes")
    assert (home / "credentials.json").exists()


def test_reset_all_removes_the_whole_folder_and_may_be_repeated(retail_ops, home):
    home.mkdir()
    for _time in range(2):
        assert retail_ops("reset", "--all", "--yes").returncode == 0
        assert not home.exists()
