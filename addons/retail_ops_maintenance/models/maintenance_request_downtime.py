from odoo import api, fields, models

from odoo.addons.retail_ops_core.tools import worktime


class MaintenanceRequest(models.Model):
    """How long the equipment was down, in the store's opening hours."""

    _inherit = "maintenance.request"

    down_since = fields.Datetime(
        readonly=True,
        copy=False,
        index="btree_not_null",
        prefetch="retail_repair",
        help="From when downtime counts: when it happened, as the store reported.",
    )
    repaired_at = fields.Datetime(
        readonly=True,
        copy=False,
        prefetch="retail_repair",
        help="When the request came to a stage that is done.",
    )
    downtime_before = fields.Float(
        "Downtime before it was taken up again",
        readonly=True,
        copy=False,
        prefetch="retail_repair",
        help="Opening hours of earlier stretches, when the same repair was reopened.",
    )
    downtime_repaired = fields.Float(
        "Downtime when repaired",
        readonly=True,
        copy=False,
        prefetch="retail_repair",
        help="Opening hours it was down, as they were when it was repaired. Figures "
        "add these up, so that a changed calendar does not change the past.",
    )
    downtime_hours = fields.Float(
        "Downtime (opening hours)",
        compute="_compute_downtime_hours",
        help="Opening hours of the store, by its calendar and time zone, from when it "
        "went down until it was repaired, or until now.",
    )
    equipment_downtime_hours = fields.Float(
        related="equipment_id.retail_downtime_hours",
        string="Downtime of the equipment in 12 months",
    )
    equipment_failure_count = fields.Integer(
        related="equipment_id.retail_failure_count",
        string="Failures of the equipment in 12 months",
    )

    @api.depends("down_since", "repaired_at", "downtime_before", "store_id", "archive")
    def _compute_downtime_hours(self):
        """Read the opening hours of all stores at once."""
        now = fields.Datetime.now()
        down = self.sudo().filtered(lambda each: each.down_since and each.store_id)
        begin = min(down.mapped("down_since"), default=now)
        opening = down.store_id._opening_intervals(begin, now)
        for request in self:
            hours = request.downtime_before
            if request in down:
                end = request._down_until(now)
                hours += worktime.hours_between(
                    opening[request.sudo().store_id], request.down_since, end
                )
            request.downtime_hours = hours

    def _down_until(self, now):
        """A request that was cancelled tells of no downtime after that."""
        return self.repaired_at or now

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create(vals_list)
        now = fields.Datetime.now()
        for request in requests.sudo():
            if request.maintenance_type == "corrective":
                happened = request.exception_id.occurred_at
                request.down_since = min(happened or now, now)
        requests.sudo()._note_repair()
        return requests

    def _note_repair(self):
        """Called for repairs of stores whenever one may have ended or begun anew."""
        now = fields.Datetime.now()
        for request in self.filtered("down_since"):
            if request._is_finished() and not request.repaired_at:
                request.repaired_at = request._finished_at(now)
                request._note_downtime()
            elif request.repaired_at and not request._is_finished():
                request._count_anew(now)

    def _note_downtime(self):
        for request in self:
            request.downtime_repaired = request.downtime_hours

    def _finished_at(self, now):
        """One that comes to a store when it is long done ended on its closing day."""
        closed = fields.Datetime.to_datetime(self.close_date)
        if not closed or closed.date() == now.date():
            return now
        return max(closed, self.down_since)

    def _count_anew(self, now):
        """It is down again: the stretch so far is kept, the next one begins.

        Within an open case the same repair goes on under its approval; once the case is
        finished, it is another one.
        """
        if not self.exception_id.is_open:
            self.approved_by_id = False
        self.write(
            {
                "downtime_before": self.downtime_hours,
                "down_since": now,
                "repaired_at": False,
                "downtime_repaired": 0,
            }
        )
