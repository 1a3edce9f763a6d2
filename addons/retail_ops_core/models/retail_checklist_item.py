from odoo import api, fields, models
from odoo.exceptions import UserError

from .retail_checklist_template_item import EVIDENCE

ANSWERS = [
    ("done", "Done"),
    ("not_applicable", "Not applicable"),
    ("failed", "Cannot be done"),
]
STATES = [("open", "Open"), *ANSWERS]


class RetailChecklistItem(models.Model):
    _name = "retail.checklist.item"
    _description = "Store Checklist Item"
    _order = "sequence, id"
    _allow_sudo_commands = False
    _keeps_evidence = True

    checklist_id = fields.Many2one(
        "retail.checklist",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    template_item_id = fields.Many2one(
        "retail.checklist.template.item", readonly=True, ondelete="set null"
    )
    store_id = fields.Many2one(
        related="checklist_id.store_id", store=True, precompute=True, index=True
    )
    region_id = fields.Many2one(related="checklist_id.region_id", store=True)
    company_id = fields.Many2one(
        related="checklist_id.company_id", store=True, precompute=True
    )
    campaign_id = fields.Many2one(
        related="checklist_id.campaign_id",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    checklist_state = fields.Selection(
        related="checklist_id.state", string="Checklist is"
    )
    sequence = fields.Integer(default=10, readonly=True)
    name = fields.Char("Item", required=True, readonly=True)
    instruction = fields.Text(readonly=True)
    due_at = fields.Datetime("Due", required=True, readonly=True)
    evidence = fields.Selection(
        EVIDENCE, "Evidence needed", required=True, default="none", readonly=True
    )
    is_veto = fields.Boolean("Veto", readonly=True)
    weight = fields.Float(required=True, default=1.0, readonly=True)
    state = fields.Selection(
        STATES, default="open", required=True, readonly=True, copy=False
    )
    is_overdue = fields.Boolean(
        "Overdue", readonly=True, help="It is past its due time and not answered."
    )
    was_late = fields.Boolean(
        "Answered late", readonly=True, help="The answer came after its due time."
    )
    user_id = fields.Many2one("res.users", "Answered by", readonly=True)
    answered_at = fields.Datetime(readonly=True)
    note = fields.Text(readonly=True, help="The reason, or what is worth knowing.")
    evidence_ids = fields.Many2many(
        "ir.attachment",
        relation="retail_checklist_item_evidence_rel",
        string="Evidence",
        readonly=True,
        bypass_search_access=True,
    )
    fingerprints = fields.Json(
        readonly=True, help="SHA-256 of each piece of evidence when it was handed in."
    )
    evidence_changed = fields.Boolean(
        compute="_compute_evidence_changed",
        help="A file is no longer the one that was handed in.",
    )

    _overdue_idx = models.Index(
        "(due_at) WHERE state = 'open' AND is_overdue IS NOT TRUE"
    )

    @api.depends("fingerprints", "evidence_ids.checksum")
    def _compute_evidence_changed(self):
        for item in self:
            handed_in = item.fingerprints or []
            item.evidence_changed = bool(handed_in) and (
                item.sudo()._evidence_fingerprints() != handed_in
            )

    @api.model
    def _has_field_access(self, field, operation):
        """Refuse users every write: what they have to say comes by an answer."""
        if operation == "write":
            return self.env.su
        return super()._has_field_access(field, operation)

    # === Reading === #
    def _figures(self):
        return self.weight, self.state, self.is_veto, self.is_overdue

    def _evidence_fingerprints(self):
        # The web client reads with bin_size, under which files are their sizes.
        files = self.evidence_ids.with_context(bin_size=False).sorted("id")
        return [{"attachment": one.id, "sha256": one._fingerprint()} for one in files]

    def _missing_text(self):
        """Name what is open or failed, vetoes first, one a line."""
        missing = self.filtered(lambda item: item.state in ("open", "failed"))
        ordered = missing.sorted(lambda item: (not item.is_veto, item.sequence))
        return "\n".join(item._missing_line() for item in ordered)

    def _missing_line(self):
        remarks = [
            self.is_veto and self.env._("veto"),
            self.state == "failed" and self.env._("cannot be done"),
            self.is_overdue and self.env._("overdue"),
        ]
        told = ", ".join(filter(None, remarks))
        return f"{self.name} ({told})" if told else self.name

    # === Answering === #
    def action_done(self):
        """Tick the items; ask for the evidence first where one needs it."""
        self._check_may_answer()
        asking = self.filtered(lambda item: item._lacks_evidence())
        if len(self) == 1 and asking:
            return self._open_answer("done")
        self.sudo()._set_answer("done", note=False)
        return None

    def action_not_applicable(self):
        """Ask why the item does not apply to this store."""
        return self._open_answer("not_applicable")

    def action_failed(self):
        """Ask why the item cannot be done."""
        return self._open_answer("failed")

    def action_reopen(self):
        """Take the answer back; the ledger keeps it."""
        self._check_may_answer()
        self.sudo()._set_open()

    def _check_may_answer(self):
        self.check_access("write")
        self.sudo().checklist_id._check_is_running()

    def _open_answer(self, answer):
        self._check_may_answer()
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": dict(self._fields["state"]._description_selection(self.env))[
                answer
            ],
            "res_model": "retail.checklist.answer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_item_id": self.id, "default_answer": answer},
        }

    def _lacks_evidence(self):
        files = self.sudo().evidence_ids
        if self.evidence == "photo":
            files = files.filtered(
                lambda one: (one.mimetype or "").startswith("image/")
            )
        return self.evidence != "none" and not files

    def _take_evidence(self, attachments):
        """Make files that a user has just uploaded the item's evidence."""
        foreign = attachments.filtered(lambda one: one.create_uid != self.env.user)
        if foreign:
            raise UserError(
                self.env._(
                    "“%s” is somebody else's file: take the photo or upload the file "
                    "yourself.",
                    foreign[0].name,
                )
            )
        attachments.write({"res_model": self._name, "res_id": self.id})
        self.evidence_ids = attachments

    def _set_answer(self, answer, note):
        """Answer the items that do not have this answer yet.

        :param answer: done, not_applicable or failed
        :param note: the reason, a text; asked for unless the item is done
        :raise UserError: when evidence or a reason is missing
        """
        self.checklist_id._check_is_running()
        answering = self.filtered(lambda item: item.state != answer)
        for item in answering:
            item._check_answer(answer, note)
            item.write(item._answer_values(answer, note))
        answering._note_answer(answer)
        answering.checklist_id._settle()
        if answer == "failed":
            answering.filtered("is_veto").checklist_id._raise_exceptions()

    def _check_answer(self, answer, note):
        if answer == "done" and self._lacks_evidence():
            kinds = dict(self._fields["evidence"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(item)s” needs %(evidence)s before it is done: attach it.",
                    item=self.name,
                    evidence=kinds[self.evidence].lower(),
                )
            )
        if answer != "done" and not (note or "").strip():
            raise UserError(
                self.env._("Say why “%s” is not done: the region reads it.", self.name)
            )

    def _answer_values(self, answer, note):
        now = fields.Datetime.now()
        return {
            "state": answer,
            "note": note,
            "user_id": self.env.uid,
            "answered_at": now,
            "is_overdue": False,
            "was_late": now > self.due_at,
            "fingerprints": self._evidence_fingerprints(),
        }

    def _note_answer(self, answer):
        self.env["retail.audit.entry"]._record(
            self,
            f"checklist.item.{answer}",
            [
                {
                    "checklist_id": item.checklist_id.id,
                    "was_late": item.was_late,
                    "evidence": item.fingerprints or [],
                }
                for item in self
            ],
        )

    def _set_open(self):
        self.checklist_id._check_is_running()
        answered = self.filtered(lambda item: item.state != "open")
        self.env["retail.audit.entry"]._record(
            answered,
            "checklist.item.reopened",
            [
                {"checklist_id": item.checklist_id.id, "from": item.state}
                for item in answered
            ],
        )
        answered.write(
            {"state": "open", "user_id": False, "answered_at": False, "was_late": False}
        )
        answered.checklist_id._settle()
