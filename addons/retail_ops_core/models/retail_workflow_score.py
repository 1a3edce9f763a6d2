from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..tools import inventory

CLARITY = [
    ("1", "1: nobody knows the rule"),
    ("2", "2: custom, differs by place"),
    ("3", "3: written, with gaps"),
    ("4", "4: written, few exceptions"),
    ("5", "5: written, limits and owners named"),
]


class RetailWorkflow(models.Model):
    """Scored on three facts: how much of it, how slow, how clear its policy is."""

    _inherit = "retail.workflow"

    days = fields.Integer(
        "Measured over (days)", default=90, required=True, help="How far back to count."
    )
    clarity = fields.Selection(
        CLARITY,
        "Clarity of policy",
        help="Stated by a person who knows the written policy.",
    )
    clarity_reason = fields.Text(
        "Why so clear", help="Where the policy stands and what it leaves open."
    )
    volume = fields.Integer(readonly=True, help="Cases and requests in that time.")
    median_hours = fields.Float(
        "Median hours",
        readonly=True,
        help="Half of them took longer, from raised to finished. Of cases and "
        "requests, the slower.",
    )
    measured_at = fields.Datetime(readonly=True)
    measure_note = fields.Text("Counted", readonly=True)
    volume_points = fields.Integer(readonly=True)
    delay_points = fields.Integer(readonly=True)
    score = fields.Integer(compute="_compute_score", store=True)
    score_note = fields.Text("Arithmetic", compute="_compute_score_note")

    _days_positive = models.Constraint("CHECK(days > 0)", "Count at least one day.")

    @api.constrains("clarity", "clarity_reason")
    def _check_clarity_reason(self):
        for workflow in self.filtered("clarity"):
            if not (workflow.clarity_reason or "").strip():
                raise UserError(
                    self.env._(
                        "Say in one sentence why the policy of “%s” is so clear: "
                        "others decide by it.",
                        workflow.name,
                    )
                )

    @api.depends("volume_points", "delay_points", "clarity")
    def _compute_score(self):
        for workflow in self:
            workflow.score = inventory.score(
                workflow.volume_points,
                workflow.delay_points,
                int(workflow.clarity or 0),
            )

    @api.depends("score", "measured_at")
    def _compute_score_note(self):
        for workflow in self:
            workflow.score_note = workflow._score_text()

    def _score_text(self):
        if not self.measured_at:
            return self.env._("Not measured yet: press Measure now.")
        return self.env._(
            "Volume %(volume)s × delay %(delay)s × clarity %(clarity)s = %(score)s of "
            "125. Volume: %(count)s in %(days)s days, in fifths of the busiest "
            "workflow. Delay: median %(hours)s h, in fifths of the slowest.",
            volume=self.volume_points,
            delay=self.delay_points,
            clarity=self.clarity or 0,
            score=self.score,
            count=self.volume,
            days=self.days,
            hours=formatLang(self.env, self.median_hours, digits=1),
        )

    # === Measuring === #
    def _measures(self):
        """Return what was counted; addons above add what they govern.

        :return: list of ``(what, count, median hours from raised to finished)``
        """
        self.ensure_one()
        [[count, hours]] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*),
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY
                           EXTRACT(EPOCH FROM resolved_at - opened_at) / 3600)
                  FROM retail_exception
                 WHERE type_id = ANY(%s) AND opened_at >= %s
                   AND state != 'cancelled'
                """,
                self.type_ids.ids,
                self._measured_since(),
                to_flush=self.env["retail.exception"]._fields["resolved_at"],
            )
        )
        return [(self.env._("Cases"), count, hours or 0.0)] if self.type_ids else []

    def _measured_since(self):
        return fields.Datetime.now() - timedelta(days=self.days)

    def _measure(self):
        for workflow in self:
            rows = workflow._measures()
            workflow.write(
                {
                    "volume": sum(count for _what, count, _hours in rows),
                    "median_hours": max((row[2] for row in rows), default=0.0),
                    "measured_at": fields.Datetime.now(),
                    "measure_note": "\n".join(workflow._measure_line(*r) for r in rows),
                }
            )

    def _measure_line(self, what, count, hours):
        return self.env._(
            "%(what)s: %(count)s in %(days)s days, median %(hours)s h",
            what=what,
            count=count,
            days=self.days,
            hours=formatLang(self.env, hours, digits=1),
        )

    @api.model
    def _cron_measure(self):
        """Scheduled Action: count every workflow anew; repeating it is safe."""
        workflows = self.sudo().search([("active", "=", True)])
        workflows._measure()
        busiest = max(workflows.mapped("volume"), default=0)
        slowest = max(workflows.mapped("median_hours"), default=0.0)
        for workflow in workflows:
            workflow.volume_points = inventory.points(workflow.volume, busiest)
            workflow.delay_points = inventory.points(workflow.median_hours, slowest)

    def action_measure(self):
        """Count now; all workflows, since each is scored against the others."""
        self.env["retail.rollout.wave"].check_access("read")
        self._cron_measure()
        return True
