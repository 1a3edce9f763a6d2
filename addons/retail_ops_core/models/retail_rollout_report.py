from odoo import api, fields, models

from ..tools import agreement

COMPARED = ("agrees", "differs")


class RetailRolloutWave(models.Model):
    """How far rules and people agree, on one page, each difference with its record."""

    _inherit = "retail.rollout.wave"

    shadow_ids = fields.One2many("retail.rollout.shadow", "wave_id", readonly=True)
    compared_at = fields.Datetime("Compared", readonly=True, copy=False)
    agreement_percent = fields.Float(
        "Agreement %",
        compute="_compute_agreement",
        help="Of the finished records that were compared.",
    )
    compared_count = fields.Integer("Compared records", compute="_compute_agreement")
    open_count = fields.Integer("Not finished", compute="_compute_agreement")
    difference_count = fields.Integer("Differences", compute="_compute_agreement")
    agreement_report = fields.Html(compute="_compute_agreement", sanitize=False)

    @api.depends("shadow_ids.verdict")
    def _compute_agreement(self):
        for wave in self:
            rows = wave._agreement_rows()
            total = agreement.compare(wave._rated())
            wave.agreement_percent = total.percent
            wave.compared_count = total.count
            wave.difference_count = total.count - total.same
            unfinished = wave.shadow_ids.filtered(lambda each: each.verdict == "open")
            wave.open_count = len(unfinished)
            wave.agreement_report = self.env["ir.qweb"]._render(
                "retail_ops_core.agreement_report",
                {"wave": wave, "rows": rows, "total": total},
            )

    def _rated(self, shadows=None):
        """Return ``(proposed, done)`` codes of what was compared."""
        shadows = self.shadow_ids if shadows is None else shadows
        return [
            # Where people chose another type the code of what they did says so.
            (each.proposed_code, each.done_code)
            for each in shadows
            if each.verdict in COMPARED
        ]

    def _agreement_rows(self):
        """Return a dict for each rule: what it decided, how often people did so."""
        subjects = dict(
            self.shadow_ids._fields["subject"]._description_selection(self.env)
        )
        rows = []
        for (subject, rule), shadows in self.shadow_ids.grouped(
            lambda each: (each.subject, each.rule)
        ).items():
            found = agreement.compare(self._rated(shadows))
            rows.append(
                {
                    "subject": subjects[subject],
                    "rule": rule,
                    "noted": len(shadows),
                    "agreement": found,
                    "differs": found.count - found.same,
                }
            )
        return sorted(rows, key=lambda row: (-row["differs"], row["rule"] or ""))

    def _compare(self):
        for wave in self.sudo():
            wave.shadow_ids._compare()
            wave.compared_at = fields.Datetime.now()

    def action_compare(self):
        """Look now at what people did with the records noted."""
        self.check_access("read")
        self._compare()
        return True

    @api.model
    def _cron_compare(self):
        """Scheduled Action: compare what is watched; repeating it is safe."""
        self.sudo().search([("state", "=", "shadow")])._compare()

    def action_open_shadows(self):
        """Open old and new side by side."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_rollout_shadow"
        )
        return {**action, "domain": [("wave_id", "=", self.id)]}

    def action_open_differences(self):
        """Open what rules and people did differently."""
        action = self.action_open_shadows()
        action["domain"] += [("verdict", "=", "differs")]
        return action
