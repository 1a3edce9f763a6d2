"""Scheduled Actions of a running server, started now instead of in a minute."""

from tests.waiting import eventually
from tests.webclient import RpcError


def run_now(admin, name):
    """Run a Scheduled Action to its end, as *Run Manually* does.

    :param admin: WebClient of the administrator
    :param name: its name, such as "Checklists: raise what is overdue"
    """
    [job] = admin.find("ir.cron", [("cron_name", "=", name)], ["cron_name"])

    def ran():
        try:
            admin.call("ir.cron", "method_direct_trigger", [job["id"]])
        except RpcError as error:
            if "already executing" not in str(error):
                raise
            return False
        return True

    eventually(ran, seconds=30)
