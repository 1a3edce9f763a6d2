from odoo import api, fields, models

from .retail_exception_checklist import FINAL_STATES
from .retail_exception_intake import QUIET_BIRTH
from .retail_exception_sla import CLOCKS

MISSED = {
    "acknowledge_breached_at": ("acknowledge_due", "acknowledged_at"),
    "act_breached_at": ("act_due", "acted_at"),
    "breached_at": ("resolve_due", "resolved_at"),
}


class RetailException(models.Model):
    """Cases that began in another system and go on here."""

    _inherit = "retail.exception"

    import_id = fields.Many2one(
        "retail.exception.import",
        "Imported from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="What the other system handed over: everything before that is its word.",
    )

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name == "import_id":
            return self.env.su
        return super()._has_field_access(field, operation)

    @api.model
    def _raise_imported(self, vals_list):
        """Raise cases in the state they have, with the clocks they had.

        :param vals_list: list of dicts of values, stamps included
        :return: retail.exception
        """
        cases = self.sudo().with_context(**QUIET_BIRTH).create(vals_list)
        for case, vals in zip(cases, vals_list, strict=True):
            case.write({**dict.fromkeys(CLOCKS, False), **case._decided_in(vals)})
        cases._place_deadlines()
        finished = cases.filtered(lambda case: not case.is_open)
        for case in finished:
            case.write(case._missed_stamps())
        (cases - finished)._schedule_handling()
        return cases

    @api.model
    def _decided_in(self, vals):
        """Return what was decided there, and is worked out here at birth."""
        return {name: vals[name] for name in ("severity", "user_id") if name in vals}

    def _missed_stamps(self):
        """Return the breaches of a history; those of open cases are found anyhow."""
        ended = self.resolved_at or self.import_id.create_date
        return {
            stamp: self[due]
            for stamp, (due, done) in MISSED.items()
            if (self[done] or ended) > self[due]
        }

    def _undecidable(self):
        """What was finished elsewhere needs no region here."""
        return (
            super()
            ._undecidable()
            .filtered(lambda case: case.import_id.state not in FINAL_STATES)
        )

    def _publish_fact(self, topic):
        """Say nothing of what happened before it came here."""
        here = self.filtered(
            lambda case: not case.import_id or case.import_id.sudo().exception_id
        )
        return super(RetailException, here)._publish_fact(topic)
