from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

ACTING = ("shadow", "live")
NOTHING_ASKED = dict.fromkeys(("asked_by_id", "asked_reason", "asked_step"), False)
CONTROLLED = {"state", "store_ids", "shadow_since", "live_since", "compared_at"}
FROZEN = {
    "workflow_ids",
    "company_id",
    "store_domain",
    "least_agreement",
    "least_compared",
    "least_quality",
}


class RetailRolloutWave(models.Model):
    """Stores in which workflows are first watched, then act."""

    _name = "retail.rollout.wave"
    _description = "Rollout Wave"
    _inherit = [
        "retail.store.selection",
        "retail.rollout.subject",
        "mail.thread",
        "retail.audited",
    ]
    _order = "sequence, id"
    _unaudited = frozenset({"compared_at"})

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("shadow", "Shadow"),
            ("live", "Live"),
            ("rolled_back", "Rolled back"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        help="Shadow: the rules note what they would do, and people go on as before. "
        "Live: the rules act.",
    )
    workflow_ids = fields.Many2many(
        "retail.workflow",
        relation="retail_rollout_wave_workflow_rel",
        string="Workflows",
        required=True,
        help="What is rolled out in these stores: one process or several.",
    )
    store_ids = fields.Many2many(
        "retail.store",
        relation="retail_rollout_wave_store_rel",
        string="Stores in the wave",
        readonly=True,
        copy=False,
        help="Picked by the conditions when the wave starts, and fixed from then on.",
    )
    store_count = fields.Integer("Stores taking part", compute="_compute_store_count")
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
        help="Runs the wave and answers for what its gates show.",
    )
    least_agreement = fields.Float(
        "Least agreement %",
        default=90.0,
        required=True,
        help="Going live asks that rules and people agreed at least so often.",
    )
    least_compared = fields.Integer(
        "Least compared",
        default=20,
        required=True,
        help="Going live asks that so many finished cases were compared.",
    )
    least_quality = fields.Float(
        "Least data quality %",
        default=95.0,
        required=True,
        help="Going live asks that this share of the stores has nothing to mend that "
        "keeps a store from going live.",
    )
    shadow_since = fields.Datetime(readonly=True, copy=False)
    live_since = fields.Datetime(readonly=True, copy=False)

    _limits_are_shares = models.Constraint(
        "CHECK(least_agreement BETWEEN 0 AND 100"
        " AND least_quality BETWEEN 0 AND 100 AND least_compared >= 1)",
        "Shares lie between 0 and 100 %, and at least one case is compared.",
    )

    @api.depends("store_ids", "state", "store_domain", "company_id")
    def _compute_store_count(self):
        for wave in self:
            is_picked = wave.state != "draft"
            wave.store_count = (
                len(wave.sudo().store_ids) if is_picked else wave.selected_store_count
            )

    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in CONTROLLED and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def write(self, vals):
        if FROZEN & set(vals):
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _check_draft(self):
        for wave in self.filtered(lambda each: each.state != "draft"):
            raise UserError(
                self.env._(
                    "Stores, workflows and limits of “%s” stand since it was started: "
                    "take it back, and make a new wave.",
                    wave.name,
                )
            )

    @api.model
    def _places(self, workflow, stores):
        """Return in which acting wave of a workflow each store is.

        :param workflow: one retail.workflow
        :param stores: retail.store
        :return: dict store -> retail.rollout.wave, without the stores that are in none
        """
        waves = self.sudo().search(
            [
                ("workflow_ids", "in", workflow.ids),
                ("state", "in", ACTING),
                ("store_ids", "in", stores.ids),
            ]
        )
        return {store: wave for wave in waves for store in wave.store_ids & stores}

    # === Steps === #
    def action_start_shadow(self, reason=None):
        """Fix the stores, and note from now on what the rules would do there.

        :param reason: why, a text; without it a dialog asks
        """
        self.ensure_one()
        self.check_access("write")
        if not (reason or "").strip():
            return self._open_step("start_shadow", "wave")
        if self.state == "shadow":
            return True
        if self.state not in ("draft", "rolled_back"):
            raise UserError(
                self.env._("“%s” is live: take it back instead.", self.name)
            )
        stores = self._selected_stores() if self.state == "draft" else self.store_ids
        self._check_can_start(stores)
        self._move("shadow", reason, store_ids=stores.ids)
        return True

    def _check_can_start(self, stores):
        if not stores:
            raise UserError(
                self.env._("No store meets the conditions of “%s”.", self.name)
            )
        for workflow in self.workflow_ids:
            if workflow.mode != "waves":
                raise UserError(
                    self.env._(
                        "“%s” acts everywhere: ask on its page that it is rolled out "
                        "in waves, and let a second person agree.",
                        workflow.name,
                    )
                )
            taken = self._places(workflow, stores)
            for store in taken:
                raise UserError(
                    self.env._(
                        "%(store)s has “%(workflow)s” in “%(wave)s” already: a store "
                        "is in one wave of a workflow.",
                        store=store.display_name,
                        workflow=workflow.name,
                        wave=taken[store].name,
                    )
                )

    def action_promote(self, reason=None):
        """Let the rules act in the wave's stores, when every gate passes.

        :param reason: why, a text; without it a dialog asks
        :raise UserError: naming the gates that do not pass
        """
        self.ensure_one()
        self.check_access("write")
        if not (reason or "").strip():
            return self._open_step("promote", "wave")
        if self.state == "live":
            return True
        if self.state != "shadow":
            raise UserError(
                self.env._("Watch “%s” in shadow before it goes live.", self.name)
            )
        gates = self.sudo()._refresh_gates()
        failed = gates.filtered(lambda gate: gate.verdict != "pass")
        if failed:
            raise UserError(
                self.env._(
                    "“%(wave)s” cannot go live yet. %(why)s",
                    wave=self.name,
                    why=" ".join(f"{gate.name}: {gate.evidence}" for gate in failed),
                )
            )
        self._move("live", reason, gates=gates._as_facts())
        return True

    def _check_reaches(self, stores):
        """Whoever has no access to a company moves no rules in its stores."""
        others = stores.sudo().company_id - self.env.user.company_ids
        if others:
            raise AccessError(
                self.env._(
                    "“%(wave)s” has stores of %(company)s, where you do not work.",
                    wave=self.name,
                    company=others[0].name,
                )
            )

    def _move(self, state, reason, gates=None, **values):
        self._check_reaches(self.store_ids.browse(values.get("store_ids", ())))
        self._check_reaches(self.sudo().store_ids)
        before, now = self.state, fields.Datetime.now()
        since = {"shadow": "shadow_since", "live": "live_since"}
        if state in since:
            values[since[state]] = now
        facts = {"asked_by": self.asked_by_id.id} if self.asked_by_id else {}
        values |= NOTHING_ASKED
        self.sudo().write({"state": state, **values})
        facts |= {
            "from": before,
            "to": state,
            "why": reason.strip(),
            "workflows": self.workflow_ids.mapped("code"),
            "stores": self.sudo().store_ids.ids,
        }
        if gates:
            facts["gates"] = gates
        self.env["retail.audit.entry"]._record(self, "rollout.wave", facts)
        self._tell_owners(state, reason)

    def _tell_owners(self, state, reason):
        labels = dict(self._fields["state"]._description_selection(self.env))
        self.message_notify(
            partner_ids=(self.owner_id | self.workflow_ids.owner_id).partner_id.ids,
            subject=self.name,
            body=self.env._(
                "%(wave)s is now: %(state)s. %(why)s",
                wave=self.name,
                state=labels[state],
                why=reason,
            ),
        )
        self.message_post(body=reason)

    def action_open_stores(self):
        """Open the wave's stores."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_store"
        )
        picked = self.sudo().store_ids.ids
        domain = (
            list(self._selected_domain())
            if self.state == "draft"
            else [("id", "in", picked)]
        )
        return {**action, "domain": domain, "context": {}}
