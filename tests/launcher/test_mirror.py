"""A private apt on a small repository of packages, with the real apt and dpkg."""

import functools
import hashlib
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from launcher.errors import SetupError
from launcher.files import write_whole
from launcher.home import Home
from launcher.mirror import Mirror, check_sha256, codename
from launcher.odoo import unpack
from launcher.progress import Progress, Step

PACKAGE = "retail-ops-sample"
ARCHIVE = f"{PACKAGE}_1.0_all.deb"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments):
        pass


@pytest.fixture
def repository(tmp_path):
    """A folder with one package of half a megabyte and the list that names it."""
    folder = tmp_path / "repository"
    source = tmp_path / "source"
    (source / "DEBIAN").mkdir(parents=True)
    (source / "DEBIAN" / "control").write_text(
        f"Package: {PACKAGE}\nVersion: 1.0\nArchitecture: all\n"
        "Maintainer: Nobody <nobody@example.com>\nDescription: a sample\n"
    )
    (source / "share").mkdir()
    (source / "share" / "data").write_bytes(hashlib.shake_256(b"data").digest(500_000))
    folder.mkdir()
    subprocess.run(
        ["dpkg-deb", "--build", "-Znone", source, folder / ARCHIVE],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    content = (folder / ARCHIVE).read_bytes()
    (folder / "Packages").write_text(
        (source / "DEBIAN" / "control").read_text()
        + f"Filename: ./{ARCHIVE}\nSize: {len(content)}\n"
        + f"SHA256: {hashlib.sha256(content).hexdigest()}\n"
    )
    return folder


@pytest.fixture
def address(repository):
    """Where the repository is served over HTTP."""
    handler = functools.partial(Quiet, directory=str(repository))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Local(Mirror):
    """A mirror whose list of sources names the test's own repository, unsigned."""

    address = ""

    def _configure(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(
            self.folder / "sources.list", f"deb [trusted=yes] {self.address} ./\n"
        )


@pytest.fixture
def home(home):
    place = Home(home)
    place.make()
    return place


@pytest.fixture
def mirror(home, address, step):
    mirror = Local(home.downloads / "apt", home.log("apt"))
    mirror.address = address
    mirror.update(step)
    return mirror


@pytest.fixture
def step(tmp_path):
    with open(tmp_path / "steps", "w") as stream:
        yield Step("test", stream)


def test_a_package_is_offered_downloaded_and_unpacked(mirror, home, step, tmp_path):
    assert mirror.offers(PACKAGE)
    archives = mirror.download([PACKAGE], step, "Download")
    with open(tmp_path / "progress", "w") as stream:
        unpack(archives, home.odoo, home, Progress(stream), "Unpacking")
    assert (home.odoo / "share" / "data").stat().st_size == 500_000


def test_a_package_the_mirror_lacks_is_said_with_the_way_on(mirror):
    with pytest.raises(SetupError, match="does not offer odoo-19.*--odoo-path"):
        mirror.check_offers("odoo-19", "")


def test_an_interrupted_download_is_completed(mirror, repository, step):
    whole = (repository / ARCHIVE).read_bytes()
    (mirror.folder / ARCHIVE).write_bytes(whole[:100_000])
    [archive] = mirror.download([PACKAGE], step, "Download")
    assert archive.read_bytes() == whole


def test_a_damaged_download_is_removed(tmp_path):
    path = tmp_path / ARCHIVE
    path.write_bytes(b"not what was signed")
    with pytest.raises(SetupError, match="damaged"):
        check_sha256(path, hashlib.sha256(b"what was signed").hexdigest())
    assert not path.exists()


def test_the_code_name_is_that_of_debian_only(tmp_path):
    release = tmp_path / "os-release"
    release.write_text("ID=debian\nVERSION_CODENAME=trixie\n")
    assert codename(release) == "trixie"
    release.write_text("ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n")
    assert codename(release) == ""
