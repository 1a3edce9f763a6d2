"""Loads Odoo once and forks workers that are made to die; run by tests.soak.harness.

Reads a JSON line {"task", "boundary", "nth", "seed", "seconds"} for each worker, forks
it, and answers with a JSON line {"pid"}; {"wait": pid} answers how it ended. A worker
kills itself with SIGKILL the nth time that it comes to its boundary.
"""

import importlib
import json
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

from odoo.modules.module import initialize_sys_path
from odoo.modules.registry import Registry
from odoo.sql_db import close_all
from odoo.tools import config

REPOSITORY = Path(__file__).parents[2]


def main():
    """Answer one line after the other until the input ends."""
    config.parse_config(sys.argv[1:])
    initialize_sys_path()
    sys.path.insert(0, str(REPOSITORY))
    registry = Registry(config["db_name"][0])
    close_all()
    answer({"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        answer(end_of(order) if "wait" in order else {"pid": born(registry, order)})


def answer(value):
    print(json.dumps(value), flush=True)


def born(registry, order):
    pid = os.fork()
    if pid:
        return pid
    try:
        os.dup2(2, 1)
        random.seed(order["seed"])
        life = importlib.import_module("tests.soak.life")  # knows our addons
        life.live(registry, order)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def end_of(order):
    """Wait for a worker; one that outlives its time is killed too."""
    ends_at = time.monotonic() + order["seconds"]
    while time.monotonic() < ends_at:
        pid, status = os.waitpid(order["wait"], os.WNOHANG)
        if pid:
            return {"killed": os.WIFSIGNALED(status), "status": status}
        time.sleep(0.005)
    os.kill(order["wait"], signal.SIGKILL)
    os.waitpid(order["wait"], 0)
    return {"killed": True, "status": signal.SIGKILL, "late": True}


if __name__ == "__main__":
    main()
