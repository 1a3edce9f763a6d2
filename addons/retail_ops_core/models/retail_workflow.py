from datetime import datetime

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

CONTROLLED = {"mode", "everywhere_since", "wave_ids"}
LIVE, SHADOW, OUTSIDE = "live", "shadow", "outside"


class RetailWorkflow(models.Model):
    """A line of the workflow inventory: what it is, and where its rules act."""

    _name = "retail.workflow"
    _description = "Workflow"
    _inherit = ["retail.rollout.subject", "retail.audited"]
    _order = "score desc, sequence, id"
    _unaudited = frozenset(
        {
            "volume",
            "median_hours",
            "measured_at",
            "measure_note",
            "volume_points",
            "delay_points",
            "score",
        }
    )

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="The name by which reports and other systems know it."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(
        translate=True, help="From what to what it goes, in one sentence."
    )
    owner_id = fields.Many2one(
        "res.users",
        "Owner",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        required=True,
        ondelete="restrict",
        help="Answers for the workflow, and hears when its rules stop acting anywhere.",
    )
    design_note = fields.Text(
        translate=True,
        help="Which part Odoo does by itself and which goes to other systems, and why.",
    )
    type_ids = fields.One2many(
        "retail.exception.type", "workflow_id", "Exception types"
    )
    mode = fields.Selection(
        [("everywhere", "Everywhere"), ("waves", "In waves")],
        "Rules act",
        default="everywhere",
        required=True,
        readonly=True,
        copy=False,
        help="Everywhere: classifiers and approval matrix act in every store. In "
        "waves: they act in stores of live waves, are only noted in stores of shadow "
        "waves, and leave all other stores alone.",
    )
    everywhere_since = fields.Datetime(readonly=True, copy=False)
    wave_ids = fields.Many2many(
        "retail.rollout.wave",
        relation="retail_rollout_wave_workflow_rel",
        string="Waves",
        readonly=True,
        copy=False,
    )
    uncovered_store_count = fields.Integer(
        "Stores outside", compute="_compute_uncovered_store_count"
    )

    _code_unique = models.Constraint(
        "UNIQUE(code)", "Another workflow has this code: choose one of its own."
    )

    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in CONTROLLED and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if "mode" in vals:
            self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_everywhere(self):
        for workflow in self.filtered(lambda each: each.mode == "waves"):
            raise UserError(
                self.env._(
                    "“%s” is in waves: let its rules act everywhere first.",
                    workflow.name,
                )
            )

    @api.model
    def _take_in(self, model, members):
        """Put what an addon ships under its workflows, once.

        A workflow that has a member from that addon is left as people have it.

        :param model: model of the members, which has a field ``workflow_id``
        :param members: dict of a workflow's name to names of its members
        """
        for name, xmlids in members.items():
            workflow = self.env.ref(name, raise_if_not_found=False)
            records = self.env[model].concat(
                *(
                    self.env.ref(each, raise_if_not_found=False) or self.env[model]
                    for each in xmlids
                )
            )
            if workflow and workflow.mode == "everywhere" and not records.workflow_id:
                records.workflow_id = workflow

    # === Where its rules act === #
    @api.model
    @tools.ormcache()
    def _ids_in_waves(self):
        return frozenset(self.sudo().search([("mode", "=", "waves")]).ids)

    def _stages(self, stores):
        """Return where the rules of one workflow stand in each store, by the database.

        :param stores: retail.store
        :return: dict store -> ``live``, ``shadow`` or ``outside``
        """
        if not self or self.id not in self._ids_in_waves():
            return dict.fromkeys(stores, LIVE)
        lines = self.env["retail.rollout.wave"]._places(self, stores)
        return {
            store: lines[store].state if store in lines else OUTSIDE for store in stores
        }

    def _acts_since(self, store):
        """Return since when its rules act in a store; the far future when they do not.

        :param store: retail.store
        """
        if not self or self.mode == "everywhere":
            return self.everywhere_since or datetime.min
        wave = self.env["retail.rollout.wave"]._places(self, store).get(store)
        is_live = wave and wave.state == LIVE
        return wave.live_since or datetime.min if is_live else datetime.max

    def _compute_uncovered_store_count(self):
        for workflow in self:
            workflow.uncovered_store_count = self.env["retail.store"].search_count(
                workflow._uncovered_domain()
            )

    def _uncovered_domain(self):
        if self.mode != "waves":
            return [("id", "=", False)]
        waves = self.sudo().wave_ids.filtered(lambda wave: wave.state in (LIVE, SHADOW))
        return [
            ("id", "not in", waves.store_ids.ids),
            ("format", "!=", "office"),
            ("state", "!=", "closed"),
        ]

    def action_open_uncovered(self):
        """Open the stores in which its rules do nothing."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_store"
        )
        return {**action, "domain": self._uncovered_domain(), "context": {}}

    def action_open_waves(self):
        """Open the waves in which it is rolled out."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_rollout_wave"
        )
        action["domain"] = [("workflow_ids", "in", self.ids)]
        action["context"] = {"default_workflow_ids": self.ids}
        return action

    # === Into waves, and out of them === #
    def action_ask_for_waves(self, reason=None):
        """Ask that its rules act in waves only; a second person has to agree.

        :param reason: why, a text; without it a dialog asks
        """
        self.ensure_one()
        self._check_administrator()
        if not (reason or "").strip():
            return self._open_step("ask_for_waves", "workflow")
        if self.mode == "waves":
            return True
        self._ask(self.env._("Roll out in waves"), reason)
        return True

    def action_put_in_waves(self):
        """Agree: outside live waves its classifiers and its matrix stop acting.

        :raise UserError: when nobody, or the caller himself, asked for it
        """
        self.ensure_one()
        self._check_administrator()
        if self.mode == "waves":
            return True
        if not self._is_agreed_by_another():
            raise UserError(
                self.env._(
                    "This takes “%s” off every store that is in no live wave, holds of "
                    "its approvals included: one person asks for it, another agrees.",
                    self.name,
                )
            )
        self._set_mode("waves", self.asked_reason)
        return True

    def action_act_everywhere(self, reason=None):
        """Let its rules act in every store again.

        :param reason: why, a text; without it a dialog asks
        """
        self.ensure_one()
        self._check_administrator()
        if not (reason or "").strip():
            return self._open_step("act_everywhere", "workflow")
        if self.mode == "waves":
            self._set_mode("everywhere", reason.strip())
        return True

    def _set_mode(self, mode, reason):
        facts = {"workflow": self.code, "to": mode, "why": reason}
        facts["asked_by"] = self.asked_by_id.id
        self.sudo().write(
            {
                "mode": mode,
                "everywhere_since": mode == "everywhere" and fields.Datetime.now(),
                "asked_by_id": False,
                "asked_reason": False,
            }
        )
        self.env["retail.audit.entry"]._record(self, "rollout.mode", facts)
        if mode == "waves":
            self.sudo()._rules_stopped(reason, None)

    def _rules_stopped(self, reason, stores):
        """Its rules no longer act in some stores; addons above let go of their holds.

        :param reason: why, a text
        :param stores: retail.store, or None for all that are in no live wave
        """

    def _check_administrator(self):
        self.check_access("write")
