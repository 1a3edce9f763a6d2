from odoo import api, fields, models

FINISHED = ("resolved", "closed")
COMPARE_BATCH = 500


class RetailRolloutShadow(models.Model):
    """What a rule would have done, beside what people did."""

    _name = "retail.rollout.shadow"
    _description = "Shadow Record"
    _order = "id desc"
    _allow_sudo_commands = False

    wave_id = fields.Many2one(
        "retail.rollout.wave", required=True, readonly=True, ondelete="restrict"
    )
    workflow_id = fields.Many2one(
        "retail.workflow", required=True, readonly=True, ondelete="restrict"
    )
    store_id = fields.Many2one(
        "retail.store", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True)
    subject = fields.Selection(
        [("classification", "Classification")],
        "What",
        required=True,
        readonly=True,
    )
    res_model = fields.Char("Document type", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Document", model_field="res_model", required=True, readonly=True
    )
    document_name = fields.Char("Record", readonly=True)
    rule = fields.Char("By rule", readonly=True, help="The rule that decided.")
    proposed = fields.Char(
        "Would be", readonly=True, help="What the rule would have done."
    )
    proposed_code = fields.Char(readonly=True)
    proposed_type_id = fields.Many2one(
        "retail.exception.type", readonly=True, ondelete="restrict"
    )
    reason = fields.Text(readonly=True, help="Why the rule would have done so.")
    done = fields.Char("People did", readonly=True)
    done_code = fields.Char(readonly=True)
    recorded_at = fields.Datetime(readonly=True)
    verdict = fields.Selection(
        [
            ("open", "Not finished"),
            ("agrees", "Agrees"),
            ("differs", "Differs"),
            ("dropped", "Given up"),
        ],
        default="open",
        required=True,
        readonly=True,
        index=True,
        help="What was given up before anybody did it is not compared.",
    )
    explanation = fields.Char("Why it differs", readonly=True)

    _one_each = models.UniqueIndex(
        "(wave_id, subject, res_model, res_id)",
        "What the rules would do with it is noted already.",
    )
    _wave_idx = models.Index("(wave_id, verdict)")

    @api.model
    def _note(self, rows):
        """Note what rules would do; noting the same record again replaces it.

        The type it was raised under stays: another one is what people did.

        :param rows: list of dicts of values, with wave_id, subject, res_model, res_id
        """
        if not rows:
            return
        known = self._known(rows)
        new = []
        for row in rows:
            shadow = known.get(self._key(row))
            if shadow:
                row = {name: row[name] for name in row if name != "proposed_type_id"}
                shadow.write(row)
            else:
                new.append({"recorded_at": fields.Datetime.now(), **row})
        self.sudo().create(new)

    @api.model
    def _key(self, row):
        return row["wave_id"], row["subject"], row["res_model"], row["res_id"]

    @api.model
    def _known(self, rows):
        found = self.sudo().search(
            [
                ("wave_id", "in", list({row["wave_id"] for row in rows})),
                ("res_model", "in", list({row["res_model"] for row in rows})),
                ("res_id", "in", [row["res_id"] for row in rows]),
            ]
        )
        return {
            (each.wave_id.id, each.subject, each.res_model, each.res_id): each
            for each in found
        }

    # === What people did === #
    def _compare(self):
        """Look at what became of the records; what is settled is looked at no more."""
        for subject, shadows in (
            self.filtered(lambda each: each.verdict == "open")
            .grouped("subject")
            .items()
        ):
            getattr(shadows, f"_compare_{subject}")()

    def _compare_classification(self):
        cases = self.env["retail.exception"].sudo().browse(self.mapped("res_id"))
        alive = {case.id: case for case in cases.exists()}
        for shadow in self:
            case = alive.get(shadow.res_id)
            if not case or case.state == "cancelled":
                shadow._drop()
            elif case.state in FINISHED:
                shadow._settle(*shadow._people_classified(case))

    def _people_classified(self, case):
        """Return ``(code, text, why it differs or False)`` of a finished case."""
        labels = dict(case._fields["severity"]._description_selection(self.env))
        done = labels.get(case.severity, "")
        if case.type_id != self.proposed_type_id:
            why = self.env._(
                "People made it “%(type)s”, %(severity)s.",
                type=case.type_id.name,
                severity=done,
            )
            return f"{case.type_id.code}:{case.severity}", done, why
        if case.severity == self.proposed_code:
            return case.severity, done, False
        note = case.classification_note or ""
        why = self.env._(
            "The rule says %(proposed)s. %(note)s", proposed=self.proposed, note=note
        )
        return case.severity, done, why

    def _settle(self, code, text, why):
        self.write(
            {
                "done_code": code,
                "done": text,
                "verdict": "differs" if why else "agrees",
                "explanation": why,
            }
        )

    def _drop(self):
        """Nothing was done that could be compared with the rule."""
        self.verdict = "dropped"

    def action_open_document(self):
        """Open the record that the rule looked at."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }
