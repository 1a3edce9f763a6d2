"""Where workers are killed."""

# Model, or None for the courier; method; before or after it.
BOUNDARIES = {
    "inbox: claimed, not committed": ("retail.event.job", "_lease", "after"),
    "inbox: claim committed": ("retail.event.job", "_work", "before"),
    "inbox: effect done, not completed": ("retail.event.job", "_handle", "after"),
    "inbox: completed, not committed": ("retail.event.job", "_write_rows", "after"),
    "any: after a commit": ("ir.cron", "_commit_progress", "after"),
    "outbox: claimed, not committed": ("retail.delivery", "_claim", "after"),
    "outbox: claim committed, bundle made": ("retail.delivery", "_bundle", "after"),
    "outbox: before the request": (None, "_post", "before"),
    "outbox: answered, not noted": (None, "_post", "after"),
    "outbox: attempt noted, not completed": (
        "retail.delivery",
        "_log_attempts",
        "after",
    ),
    "outbox: completed, not committed": ("retail.delivery", "_complete", "after"),
}
