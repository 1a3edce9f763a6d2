from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class RetailRolloutGate(models.Model):
    """One thing that has to hold before a wave goes live, with its evidence."""

    _name = "retail.rollout.gate"
    _description = "Rollout Gate"
    _order = "sequence, id"
    _log_access = False

    wave_id = fields.Many2one(
        "retail.rollout.wave", required=True, readonly=True, ondelete="cascade"
    )
    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    name = fields.Char("Gate", required=True, readonly=True)
    verdict = fields.Selection(
        [("pass", "Pass"), ("fail", "Fail")], required=True, readonly=True
    )
    evidence = fields.Char(readonly=True)
    checked_at = fields.Datetime(readonly=True)

    _one_each = models.Constraint("UNIQUE(wave_id, code)", "A wave has each gate once.")

    def _as_facts(self):
        return {gate.code: [gate.verdict, gate.evidence] for gate in self}

    def action_open_evidence(self):
        """Open what the verdict rests on."""
        self.ensure_one()
        self.check_access("read")
        return getattr(self.wave_id, f"_open_{self.code}")()


class RetailRolloutWave(models.Model):
    """The gates of a wave: data quality, controls, agreement, baseline."""

    _inherit = "retail.rollout.wave"

    gate_ids = fields.One2many("retail.rollout.gate", "wave_id", readonly=True)

    def action_check_gates(self):
        """Look anew at everything that has to hold before the wave goes live."""
        self.ensure_one()
        self.check_access("write")
        self.sudo()._refresh_gates()
        return True

    def _refresh_gates(self):
        """Return the gates as they stand now."""
        self.ensure_one()
        self._compare()
        self.gate_ids.unlink()
        now = fields.Datetime.now()
        return self.gate_ids.create(
            [
                {
                    "wave_id": self.id,
                    "code": code,
                    "sequence": sequence,
                    "name": name,
                    "verdict": "pass" if holds else "fail",
                    "evidence": evidence,
                    "checked_at": now,
                }
                for sequence, (code, name, holds, evidence) in enumerate(self._gates())
            ]
        )

    def _gates(self):
        """Return list of ``(code, name, holds, evidence)``; addons may add to it.

        ``_open_<code>()`` of the wave opens the evidence.
        """
        found = [
            ("quality", self.env._("Data quality"), *self._quality_gate()),
            ("controls", self.env._("Controls"), *self._controls_gate()),
            ("agreement", self.env._("Agreement"), *self._agreement_gate()),
            ("baseline", self.env._("Baseline"), *self._baseline_gate()),
        ]
        return found

    # === Data quality === #
    def _quality_gate(self):
        stores = self.store_ids or self._selected_stores()
        self.env["retail.data.check"]._cron_check()
        findings = self.env["retail.data.finding"].search(self._finding_domain(stores))
        good = len(stores) - len(findings.store_id)
        score = 100 * good / len(stores) if stores else 0.0
        text = self.env._(
            "%(good)s of %(all)s stores have nothing to mend that keeps a store from "
            "going live: %(score).0f %%, asked for %(least).0f %%.",
            good=good,
            all=len(stores),
            score=score,
            least=self.least_quality,
        )
        return score >= self.least_quality, text

    def _finding_domain(self, stores):
        return [("store_id", "in", stores.ids), ("is_blocking", "=", True)]

    def _open_quality(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_data_finding"
        )
        stores = self.store_ids or self._selected_stores()
        return {**action, "domain": self._finding_domain(stores)}

    # === Controls === #
    def _controls_gate(self):
        failures = self._control_failures()
        text = " ".join(failures) or self.env._("Every control that is checked works.")
        return not failures, text

    def _control_failures(self):
        """Return a sentence for each control that does not work now."""
        broken = self.env["retail.exception"].search(self._broken_ledger_domain())
        failures = [
            self.env._("The audit ledger does not verify: %s.", case.name)
            for case in broken
        ]
        return failures + self.env["retail.control"]._failures()

    def _broken_ledger_domain(self):
        kind = self.env.ref("retail_ops_core.type_ledger_broken")
        return [("type_id", "=", kind.id), ("is_open", "=", True)]

    def _open_controls(self):
        return self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_control"
        )

    # === Agreement === #
    def _agreement_gate(self):
        text = self.env._(
            "%(same).0f %% of %(count)s compared records, asked for %(least).0f %% of "
            "at least %(many)s.",
            same=self.agreement_percent,
            count=self.compared_count,
            least=self.least_agreement,
            many=self.least_compared,
        )
        enough = self.compared_count >= self.least_compared
        return enough and self.agreement_percent >= self.least_agreement, text

    def _open_agreement(self):
        return self.action_open_shadows()

    # === Baseline === #
    def _baseline_gate(self):
        baselines, missing = self._baselines()
        if missing:
            return False, self.env._(
                "No locked baseline is about every store of the wave in %s: lock one "
                "under KPI baselines first.",
                ", ".join(missing.mapped("name")),
            )
        return bool(baselines), " ".join(map(self._baseline_text, baselines))

    def _baseline_text(self, baseline):
        return self.env._(
            "“%(name)s” is about every store: %(first)s to %(last)s, locked on "
            "%(day)s.",
            name=baseline.name,
            first=format_date(self.env, baseline.date_from),
            last=format_date(self.env, baseline.date_to),
            day=format_date(self.env, baseline.locked_at),
        )

    def _baselines(self):
        """Return the newest locked baseline of each company, and who has none."""
        stores = self.store_ids or self._selected_stores()
        locked = self.env["retail.kpi.baseline"].search([("state", "=", "locked")])
        found, missing = locked.browse(), self.env["res.company"]
        for company, theirs in stores.grouped("company_id").items():
            covering = locked.filtered(
                lambda each, theirs=theirs: theirs <= self._stores_of(each)
            )
            found |= covering[:1]
            if not covering:
                missing |= company
        return found, missing

    def _stores_of(self, baseline):
        domain = Domain("company_id", "=", baseline.company_id.id)
        if baseline.store_ids:
            domain &= Domain("id", "in", baseline.store_ids.ids)
        if baseline.region_id:
            domain &= Domain("region_id", "child_of", baseline.region_id.id)
        if baseline.pilot_wave:
            domain &= Domain("pilot_wave", "=", baseline.pilot_wave)
        return self.env["retail.store"].search(domain)

    def _open_baseline(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_kpi_baseline"
        )
        return {**action, "domain": [("id", "in", self._baselines()[0].ids)]}
