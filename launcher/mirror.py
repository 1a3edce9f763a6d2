"""Debian packages without root: a private apt that trusts what the machine's trusts.

apt gets folders of its own and one list of sources that names the machine's own mirror,
so no host stands in this repository and a company's mirror works. apt verifies the
signatures of the lists and the hashes of the packages.
"""

import hashlib
import re
import shutil
from pathlib import Path

from .commands import attempt, clean_environment, output_of, run
from .errors import SetupError
from .files import write_whole
from .progress import size

DEBIAN_SUITES = ("stable", "testing", "unstable", "sid")
KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.pgp",
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/etc/apt/trusted.gpg.d",
)
OWN_WAY = (
    "get the sources of Odoo 19.0 and name their folder with --odoo-path, "
    "or use docker-compose.yml"
)


class Mirror:
    """A private apt below `folder`."""

    def __init__(self, folder, log):
        self.folder = Path(folder)
        self.log = log
        self.suite = ""

    def update(self, step):
        """Read the package lists of the machine's mirror.

        :return: what apt printed, for check_offers
        :raises SetupError: there is no apt here, or it knows no Debian mirror
        """
        self._configure()
        for part in ("lists/partial", "cache/archives/partial"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        command = [*self._command("apt-get"), "-q", "update"]
        _code, output = attempt(
            command, step=step, log=self.log, env=self._environment()
        )
        return output

    def offers(self, package):
        """Whether the lists that were read hold a package."""
        command = [*self._command("apt-cache"), "madison", package]
        return bool(output_of(command, env=self._environment()).strip())

    def check_offers(self, package, output):
        """:raises SetupError: the mirror cannot be reached or lacks the package"""
        if self.offers(package):
            return
        if re.search(r"Could not|Temporary failure|Failed to fetch|Unable to", output):
            raise SetupError(
                f"The package lists could not be read (see {self.log}): check the "
                "network "
                "and apt's proxy settings and run the same command again, or "
                f"{OWN_WAY}."
            )
        raise SetupError(
            f"This machine's Debian mirror does not offer {package}: {OWN_WAY}."
        )

    def download(self, packages, step, task):
        """Fetch packages into `folder`; a broken download goes on where it stopped.

        :return: the paths of the .deb files
        """
        wanted = self._wanted(packages)
        total = sum(count for count, _sha256 in wanted.values())
        run(
            [*self._command("apt-get"), "-q", "download", *packages],
            task,
            step=step,
            log=self.log,
            folder=self.folder,
            online=True,
            cwd=self.folder,
            env=self._environment(),
            measure=lambda: f"{size(self._have(wanted))} of {size(total)}",
        )
        for name, (_count, sha256) in wanted.items():
            check_sha256(self.folder / name, sha256)
        step.tick(size(total))
        return [self.folder / name for name in wanted]

    def closure(self, packages):
        """The packages and all they depend on that this machine has not installed."""
        command = [*self._command("apt-get"), "--simulate", "--no-install-recommends"]
        plan = output_of([*command, "install", *packages], env=self._environment())
        return re.findall(r"^Inst (\S+)", plan, re.MULTILINE)

    def _wanted(self, packages):
        command = [*self._command("apt-get"), "--print-uris", "download", *packages]
        lines = output_of(command, env=self._environment(), cwd=self.folder)
        found = re.findall(r"^'[^']+' (\S+) (\d+) SHA256:(\w+)", lines, re.MULTILINE)
        return {name: (int(count), sha256) for name, count, sha256 in found}

    def _have(self, wanted):
        files = [self.folder / name for name in wanted]
        return sum(file.stat().st_size for file in files if file.is_file())

    def _configure(self):
        site, release = find_site()
        self.suite = "stable" if release in DEBIAN_SUITES else release
        keyring = next((key for key in KEYRINGS if Path(key).exists()), "")
        signed = f"[signed-by={keyring}] " if Path(keyring).is_file() else ""
        lines = [f"deb {signed}{site} {suite} main\n" for suite in ("sid", self.suite)]
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / "sources.list", "".join(lines))

    def _command(self, program):
        places = {
            "Dir::Etc::sourcelist": self.folder / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::lists": self.folder / "lists",
            "Dir::Cache": self.folder / "cache",
            "APT::Default-Release": self.suite,
            "APT::Sandbox::User": "root",
            "APT::Get::List-Cleanup": "false",
            "Acquire::Retries": "2",
            "Debug::NoLocking": "true",
        }
        options = [
            part for key, value in places.items() for part in ("-o", f"{key}={value}")
        ]
        return [program, *options]

    def _environment(self):
        return clean_environment(DEBIAN_FRONTEND="noninteractive")


def check_sha256(path, expected):
    """apt trusts a file of the right size that it finds; we look at the content.

    :raises SetupError: the content is not what the signed lists say (it is removed)
    """
    if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
        path.unlink()
        raise SetupError(
            f"{path.name} was damaged on its way and has been removed: "
            f"run the same command again."
        )


def find_site():
    """The mirror and the suite that this machine's apt uses for plain Debian.

    :return: (site, release), e.g. what stands in the line "deb <site> bookworm main"
    :raises SetupError: no apt here, or it knows no Debian mirror
    """
    if not shutil.which("apt-get"):
        raise SetupError(f"This machine has no apt to fetch Odoo 19 with: {OWN_WAY}.")
    # Without --no-release-info apt is silent about lists it has not read yet.
    command = ["apt-get", "indextargets", "--no-release-info"]
    command += ["--format", "$(SITE) $(RELEASE) $(COMPONENT)"]
    known = {codename(), *DEBIAN_SUITES}
    for line in output_of(command, env=clean_environment()).splitlines():
        site, release, component = (line.split() + ["", "", ""])[:3]
        if release in known and component == "main":
            return site, release
    raise SetupError(f"apt on this machine knows no plain Debian mirror: {OWN_WAY}.")


def codename(release_file="/etc/os-release"):
    """The code name of this Debian ('bookworm'); '' on anything else."""
    try:
        text = Path(release_file).read_text()
    except OSError:
        return ""
    if not re.search(r"^ID=\"?debian\"?$", text, re.MULTILINE):
        return ""
    match = re.search(r"^VERSION_CODENAME=\"?(\w+)", text, re.MULTILINE)
    return match.group(1) if match else ""
