"""doctor tells a healthy set-up from a broken one, and names the remedy."""

import json


def lines(done):
    """Check names to (mark, text)."""
    found = {}
    for line in done.stdout.splitlines():
        mark, name, text = line[:5].strip(), line[5:17].strip(), line[17:]
        found[name] = (mark, text)
    return found


def failed(done):
    return {name for name, (mark, _text) in lines(done).items() if mark == "FAIL"}


def test_a_machine_that_has_nothing_yet_is_healthy(retail_ops, make_odoo):
    checkout = make_odoo()
    (checkout / "odoo" / "addons" / "web" / "static").mkdir(parents=True)
    done = retail_ops("doctor", "--odoo-path", checkout, RETAIL_OPS_PORT="58431")
    assert failed(done) == set(), done.stdout
    assert done.returncode == 0
    assert lines(done)["Packages"][0] == "--"


def test_a_wrong_odoo_is_broken(retail_ops, make_odoo):
    done = retail_ops("doctor", "--odoo-path", make_odoo("(18, 0, 0, FINAL, 0, '')"))
    assert done.returncode == 1
    assert "18.0" in lines(done)["Odoo"][1]


def test_an_odoo_without_its_web_files_is_broken(retail_ops, make_odoo):
    done = retail_ops("doctor", "--odoo-path", make_odoo())
    assert "Odoo" in failed(done)


def test_a_taken_port_is_broken(retail_ops, taken_port, make_odoo):
    done = retail_ops(
        "doctor", "--odoo-path", make_odoo(), RETAIL_OPS_PORT=str(taken_port)
    )
    assert "Port" in failed(done)
    assert "--port" in lines(done)["Port"][1]


def test_keys_that_others_may_read_are_broken(retail_ops, make_odoo, home):
    home.mkdir()
    (home / "credentials.json").write_text(json.dumps({}))
    (home / "credentials.json").chmod(0o644)
    done = retail_ops("doctor", "--odoo-path", make_odoo())
    assert "Demo keys" in failed(done)
    assert "chmod 600" in lines(done)["Demo keys"][1]


def test_packages_that_are_not_the_locked_ones_are_broken(retail_ops, make_odoo, home):
    (home / "venv" / "bin").mkdir(parents=True)
    done = retail_ops("doctor", "--odoo-path", make_odoo())
    assert "Packages" in failed(done)
    assert "./retail-ops run" in lines(done)["Packages"][1]


def test_a_folder_that_cannot_be_written_is_broken(retail_ops, make_odoo):
    done = retail_ops("doctor", "--home", "/sys/retail-ops", "--odoo-path", make_odoo())
    assert "Folder" in failed(done)
    assert "Traceback" not in done.stderr


def test_no_network_is_broken_while_odoo_is_still_to_be_fetched(retail_ops, tmp_path):
    (tmp_path / "sources.list").write_text(
        "deb http://127.0.0.1:1/debian stable main\n"
    )
    config = tmp_path / "apt.conf"
    config.write_text(
        f'Dir::Etc::sourcelist "{tmp_path}/sources.list";\n'
        'Dir::Etc::sourceparts "/dev/null";\n'
    )
    done = retail_ops("doctor", APT_CONFIG=str(config))
    assert "Mirror" in failed(done)
    assert "check the network" in lines(done)["Mirror"][1]
