"""A program of Debian's without root: the machine's own, or unpacked beside us."""

import glob
import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from .commands import output_of
from .errors import SetupError
from .files import locked, write_whole
from .mirror import Mirror
from .odoo import unpack


@dataclass(frozen=True)
class Program:
    """What is called by one of `names`, or else comes in Debian's `packages`.

    :param title: what people call it
    :param place: the executable within the packages
    :param check: arguments with which it tells its version
    :param advice: what a person does when it cannot be had
    :param variables: lines of its environment, `{folder}` is where it was unpacked
    """

    title: str
    names: tuple
    packages: tuple
    place: str
    check: tuple
    advice: str
    variables: tuple = ()

    def find(self, folder):
        """The path of one that starts, the one below `folder` first, or None."""
        candidates = [
            self.starter(folder),
            *filter(None, map(shutil.which, self.names)),
        ]
        return next((path for path in candidates if self._works(path)), None)

    def starter(self, folder):
        """Where the command of an unpacked one stands."""
        return folder / "bin" / self.packages[0]

    def ensure(self, folder, home, progress):
        """Its path, fetched when there is none.

        :raises SetupError: none can be had
        """
        found = self.find(folder)
        if found:
            return found
        with locked(home.lock(folder.name), progress):
            return self.find(folder) or self._fetch(folder, home, progress)

    def _works(self, path):
        asked = [path, *self.check]
        return bool(Path(path).exists() and output_of(asked).strip())

    def _fetch(self, folder, home, progress):
        mirror = Mirror(home.downloads / folder.name, home.log("apt"))
        with progress.step("Debian's package lists") as step:
            mirror.check_offers(self.packages[0], mirror.update(step))
        packages = mirror.closure(self.packages)
        if not packages:
            raise SetupError(
                f"{self.title} does not fit this machine's packages: {self.advice}."
            )
        count = f"{self.title}, download of {len(packages)} packages"
        with progress.step(count) as step:
            archives = mirror.download(packages, step, f"Download of {self.title}")
        unpack(archives, folder, home, progress, f"{self.title}, unpacking")
        self._write_starter(folder)
        shutil.rmtree(mirror.folder)
        found = self.find(folder)
        if not found:
            raise SetupError(
                f"The unpacked {self.title} does not start: {self.advice}."
            )
        return found

    def _write_starter(self, folder):
        """A command that finds the libraries and fonts beside it."""
        starter = self.starter(folder)
        starter.parent.mkdir(exist_ok=True)
        lines = [
            f'export LD_LIBRARY_PATH="{":".join(libraries(folder))}"',
            f'export XDG_DATA_DIRS="{folder}/usr/share:/usr/local/share:/usr/share"',
            *(f"export {line.format(folder=folder)}" for line in self.variables),
            f'exec "{folder}/{self.place}" "$@"',
        ]
        write_whole(starter, "\n".join(["#!/bin/sh", *lines, ""]), mode=0o755)
        os.chmod(starter, 0o755)


def triplet():
    """The name under which Debian keeps this machine's libraries."""
    return f"{platform.machine()}-linux-gnu"


def libraries(folder):
    """The folders of libraries among unpacked packages, in the order to search."""
    ours = triplet()
    places = [folder / "usr/lib" / ours, folder / "lib" / ours, folder / "usr/lib"]
    nested = glob.glob(f"{folder}/usr/lib/{ours}/*/*.so*")
    places += [Path(path).parent for path in nested]
    return list(dict.fromkeys(map(str, places)))
