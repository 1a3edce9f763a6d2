"""Which Odoo is used, and which is refused."""

import pytest

from launcher import odoo
from launcher.errors import SetupError
from launcher.home import Home


def test_a_checkout_is_found_by_its_folder_or_by_its_package(make_odoo):
    checkout = make_odoo()
    assert odoo.locate(checkout).libraries == checkout
    assert odoo.locate(checkout / "odoo").libraries == checkout


def test_the_prefix_of_a_debian_package_is_found(make_odoo, tmp_path):
    libraries = make_odoo(folder=f"prefix/{odoo.LIBRARIES}")
    assert odoo.locate(tmp_path / "prefix").libraries == libraries


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("(18, 0, 0, FINAL, 0, '')", "18.0"),
        ("(20, 0, 0, FINAL, 0, '')", "20.0"),
        ("('saas~19', 2, 0, FINAL, 0, '')", "saas~19.2"),
    ],
)
def test_another_odoo_is_refused_by_its_version(make_odoo, version, said):
    with pytest.raises(SetupError, match=said):
        odoo.locate(make_odoo(version))


def test_a_folder_without_odoo_is_refused(tmp_path):
    with pytest.raises(SetupError, match="no Odoo at"):
        odoo.locate(tmp_path)


def test_a_sibling_folder_without_web_files_is_no_addons_folder(make_odoo):
    checkout = make_odoo()
    (checkout / "addons" / "web").mkdir(parents=True)
    assert odoo.locate(checkout).addons_path == [checkout / "odoo" / "addons"]
    (checkout / "addons" / "web" / "static").mkdir()
    assert checkout / "addons" in odoo.locate(checkout).addons_path


def test_an_interrupted_unpacking_is_not_taken_for_odoo(make_odoo, tmp_path):
    home = Home(tmp_path)
    make_odoo(folder=f"odoo/{odoo.LIBRARIES}")
    assert odoo.unpacked(home) is None
    (home.odoo / ".complete").write_text("odoo-19.deb")
    assert odoo.unpacked(home)
