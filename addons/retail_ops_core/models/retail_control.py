from datetime import timedelta

from odoo import api, fields, models

RESULTS = [("pass", "Works"), ("fail", "Does not work")]
# From when on a business day is over in every zone, with the latest cut-off.
DAY_OVER_HOURS = 48
AGREEING_DAYS = 7
MOST_NAMED = 20


class RetailControl(models.Model):
    """A line of the control register: what holds, what proves it, and how it stands."""

    _name = "retail.control"
    _description = "Control"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, readonly=True)
    code = fields.Char(
        required=True, readonly=True, help="Names the check that looks at it here."
    )
    sequence = fields.Integer(default=10)
    description = fields.Text(
        translate=True, readonly=True, help="What it keeps from happening."
    )
    requirement = fields.Char(
        readonly=True, help="The requirement that it fulfils, such as R-210."
    )
    test = fields.Char(
        "Automated test",
        readonly=True,
        help="Attacks the control before every release: no release is made unless it "
        "passes.",
    )
    tested_version = fields.Char(
        "Tested with",
        compute="_compute_tested_version",
        help="The version installed here; its tests passed before it was released.",
    )
    is_live = fields.Boolean(
        "Checked here",
        compute="_compute_is_live",
        help="This database itself can be looked at, and is every night.",
    )
    result = fields.Selection(
        RESULTS,
        "Last result",
        readonly=True,
        help="Of the last look at this database. Empty: proved by its test alone.",
    )
    evidence = fields.Text(readonly=True)
    checked_at = fields.Datetime("Last checked", readonly=True)

    _code_unique = models.Constraint(
        "UNIQUE(code)", "Another control has this code: choose one of its own."
    )

    def _compute_tested_version(self):
        xmlids = self.get_external_id()
        modules = self.env["ir.module.module"].sudo()
        for control in self:
            addon = xmlids[control.id].split(".")[0]
            found = modules.search([("name", "=", addon)], limit=1)
            control.tested_version = found.installed_version

    def _compute_is_live(self):
        for control in self:
            control.is_live = control._has_check()

    def _has_check(self):
        return hasattr(self, f"_check_{self.code}")

    def action_check(self):
        """Look now, at those that can be looked at here."""
        self.check_access("read")
        self.sudo()._look()
        return True

    @api.model
    def action_check_all(self):
        """Look at every control now.

        :return: action of the register
        """
        self.check_access("read")
        self._cron_check()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_control"
        )

    @api.model
    def _cron_check(self):
        """Scheduled Action: look at what can be looked at; repeating it is safe."""
        self.sudo().search([("code", "!=", False)])._look()

    def _look(self):
        """Note how each control stands; a change of it stands in the ledger."""
        for control in self.filtered(lambda each: each._has_check()):
            failures = getattr(control, f"_check_{control.code}")()
            control._note("fail" if failures else "pass", failures)

    @api.model
    def _failures(self):
        """Return a sentence for each control that does not work now.

        All are looked at anew: a result of last night is none of today's.
        """
        live = self.sudo().search([("code", "!=", False)]).filtered("is_live")
        live._look()
        return [
            self.env._("“%s” does not work: see the control register.", control.name)
            for control in live.filtered(lambda each: each.result == "fail")
        ]

    def _note(self, result, failures):
        if self.result != result:
            facts = {"control": self.code, "from": self.result or "", "to": result}
            self.env["retail.audit.entry"]._record(self, "control.result", facts)
        self.write(
            {
                "result": result,
                "evidence": "\n".join(failures)
                or self.env._("Looked at this database: nothing found."),
                "checked_at": fields.Datetime.now(),
            }
        )

    # === Checks: a sentence for each failure === #
    def _check_ledger_chain(self):
        seals = self.env["retail.audit.seal"]
        first_bad = seals._verify()["first_bad_entry"]
        failures = [
            self.env._("A published head is missing: seal %s.", head["seal_id"])
            for head in seals._missing_heads()
        ]
        if first_bad is not None:
            failures.append(self.env._("Entry %s was altered or deleted.", first_bad))
        return failures

    def _check_ledger_refuses(self):
        """The triggers by which the database refuses changes are there and on."""
        self.env.cr.execute(
            "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
            " AND tgrelid IN ('retail_audit_entry'::regclass,"
            " 'retail_audit_seal'::regclass) AND tgname LIKE 'retail_audit_no_%%'"
        )
        found = len(self.env.cr.fetchall())
        if found == 4:
            return []
        return [
            self.env._(
                "%s of 4 triggers guard the ledger: somebody removed one.", found
            )
        ]

    def _check_owners(self):
        queues = self.env["retail.queue"].search([("active", "=", True)])
        left = queues.filtered(
            lambda queue: not (
                queue.business_owner_id.active and queue.technical_owner_id.active
            )
        )
        return [
            self.env._("Queue “%s” has an owner who left.", queue.name)
            for queue in left
        ]

    def _check_no_case_without_owner(self):
        orphans = self.env["retail.exception"].search(
            [("is_open", "=", True), ("user_id", "=", False), ("queue_id", "=", False)],
            limit=20,
        )
        return [self.env._("%s has no owner.", case.name) for case in orphans]

    def _check_figures(self):
        """Records, lists, snapshots and dashboards agree, for the week that is over.

        Facts of a store that works meanwhile wait for the next run, and for the
        next look.
        """
        last = (fields.Datetime.now() - timedelta(hours=DAY_OVER_HOURS)).date()
        first = last - timedelta(days=AGREEING_DAYS - 1)
        return self.env["retail.kpi"]._untaken(first, last)[:MOST_NAMED]

    def _check_rollout(self):
        """Workflows in waves leave stores outside: known, and never forgotten."""
        workflows = self.env["retail.workflow"].search([("mode", "=", "waves")])
        return [
            self.env._(
                "“%(workflow)s” is in waves, and none of them acts.",
                workflow=workflow.name,
            )
            for workflow in workflows
            if not workflow.wave_ids.filtered(
                lambda wave: wave.state in ("shadow", "live")
            )
        ]
