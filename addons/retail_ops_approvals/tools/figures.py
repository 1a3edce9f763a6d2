"""What the figures about approvals count, said once for homes and dashboards."""

WAITING = [("state", "=", "pending")]
DECIDING = [("can_decide", "=", True)]
