from odoo import models
from odoo.exceptions import UserError

RUNNING = ("pilot", "live")
MOST_NAMED = 5


class RetailStore(models.Model):
    """Going live: not before what blocks it is mended."""

    _inherit = "retail.store"

    def write(self, vals):
        starting = self.browse()
        if vals.get("state") in RUNNING:
            starting = self.filtered(lambda store: store.state not in RUNNING)
        result = super().write(vals)
        for store in starting:
            store._check_ready_to_open()
        return result

    def _check_ready_to_open(self):
        """Raise when a blocking violation concerns the store.

        :raise UserError: with every violation and how to mend it
        """
        found = self.env["retail.data.check"]._of_store(self)
        blocking = [
            self._violation_text(check, records)
            for check, records in found.items()
            if check.is_blocking
        ]
        if blocking:
            raise UserError(
                self.env._(
                    "%(store)s cannot go live yet:\n%(violations)s",
                    store=self.display_name,
                    violations="\n".join(blocking),
                )
            )

    def _violation_text(self, check, records):
        """Return one line: what is wrong, with which records, how to mend it."""
        names = "" if records == self else self._names_of(records)
        return f"• {check.name}{names}. {check.remedy}"

    def _names_of(self, records):
        names = ", ".join(records[:MOST_NAMED].mapped("display_name"))
        more = len(records) - MOST_NAMED
        return f" ({names}{f' + {more}' if more > 0 else ''})"

    def action_go_live(self):
        """Show what data quality says about the store before it goes live."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Go live: %s", self.display_name),
            "res_model": "retail.store.go.live",
            "view_mode": "form",
            "target": "new",
            "context": {"default_store_id": self.id},
        }
