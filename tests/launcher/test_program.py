"""What is fetched when a machine lacks it is fetched once."""

import io
import threading
import time

from launcher.home import Home
from launcher.program import Program
from launcher.progress import Progress


class Slow(Program):
    """A program that takes a moment to come, and says how often it was fetched."""

    def _fetch(self, folder, home, progress):
        with open(home.folder / "fetched", "a", encoding="utf-8") as fetched:
            fetched.write("once\n")
        time.sleep(0.2)
        starter = self.starter(folder)
        starter.parent.mkdir(parents=True)
        starter.write_text("#!/bin/sh\necho 1.0\n", encoding="utf-8")
        starter.chmod(0o755)
        return starter


def test_two_who_need_a_program_at_once_fetch_it_once(tmp_path):
    home = Home(tmp_path)
    program = Slow("slow", (), ("no-such-program",), "", ("--version",), "")
    found = []
    threads = [
        threading.Thread(
            target=lambda: found.append(
                program.ensure(home.pdf, home, Progress(io.StringIO()))
            )
        )
        for _each in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [program.starter(home.pdf)] * 2
    assert (home.folder / "fetched").read_text(encoding="utf-8") == "once\n"
