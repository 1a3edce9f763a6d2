"""The repository runs anywhere: no hosts, no machine paths, no secrets, locked."""

import json
import re
import stat

import pytest
import yaml

HOSTS = re.compile(
    r"(registry\.npmjs|registry\.yarnpkg|files\.pythonhosted|pypi\.org/simple"
    r"|deb\.debian|security\.debian|ftp\.\w+\.debian|snapshot\.debian)"
)
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{24,}")
# The public test vector of the Standard Webhooks specification.
PUBLIC_VECTOR = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MACHINE = re.compile(r"(?<![\w.])/(root|home/(?!node/)\w+|work|opt/dev|tmp/\w+)/")


def test_no_file_names_a_package_host(files, repository):
    assert places(files, repository, HOSTS) == []


def test_no_file_names_a_path_of_one_machine(files, repository):
    assert places(files, repository, MACHINE) == []


def places(files, repository, form):
    return [
        (str(path.relative_to(repository)), match.group())
        for path in files
        if path.name != "test_repository.py"
        for match in form.finditer(path.read_text(encoding="utf-8"))
    ]


def test_no_secret_stands_in_the_repository(files, repository):
    found = [
        str(path.relative_to(repository))
        for path in files
        for secret in SECRET.findall(path.read_text(encoding="utf-8"))
        if secret != PUBLIC_VECTOR and len(set(secret)) > 12
    ]
    assert found == []


@pytest.mark.parametrize("name", ["odoo", "test", "node", "docker"])
def test_python_packages_are_locked_with_hashes(repository, name):
    lock = (repository / "requirements" / f"{name}.txt").read_text()
    for entry in re.split(r"\n(?=\S)", lock.strip()):
        assert re.match(r"[\w.-]+==\S+", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


@pytest.mark.parametrize("name", ["odoo", "test", "node", "docker"])
def test_every_dependency_says_why_and_is_locked(repository, name):
    folder = repository / "requirements"
    lock = (folder / f"{name}.txt").read_text().lower()
    for line in (folder / f"{name}.in").read_text().splitlines():
        if line and not line.startswith("#"):
            wanted, _, reason = line.partition("  # ")
            package = re.split(r"[<=>; ]", wanted)[0].strip().lower()
            assert reason, f"{package}: a line says why"
            assert re.search(rf"^{re.escape(package)}==", lock, re.MULTILINE), package


def test_versions_of_the_two_sets_agree(repository):
    versions = {}
    for name in ("odoo", "test", "docker"):
        for line in (
            (repository / "requirements" / f"{name}.txt").read_text().splitlines()
        ):
            match = re.match(r"([\w.-]+)==(\S+)( ;.*)? \\", line)
            if match:
                versions.setdefault((match[1], match[3]), set()).add(match[2])
    assert {key: found for key, found in versions.items() if len(found) > 1} == {}


def test_npm_packages_are_locked_with_hashes(repository):
    lock = json.loads((repository / "package-lock.json").read_text())
    wanted = json.loads((repository / "package.json").read_text())["devDependencies"]
    for name, package in lock["packages"].items():
        if name:
            assert package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package, name
    for name, version in wanted.items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version


def test_pre_commit_works_without_network(repository):
    config = yaml.safe_load((repository / ".pre-commit-config.yaml").read_text())
    assert {source["repo"] for source in config["repos"]} == {"local"}


@pytest.mark.parametrize("name", ["retail-ops", ".ci/run"])
def test_commands_are_executable(repository, name):
    assert (repository / name).stat().st_mode & stat.S_IXUSR


def test_everything_made_is_ignored(repository):
    ignored = (repository / ".gitignore").read_text().splitlines()
    assert {"/.retail-ops/", "/.env", "/node_modules/"} <= set(ignored)
