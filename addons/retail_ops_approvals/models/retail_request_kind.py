from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, ValidationError


class RetailRequestKind(models.Model):
    """What may be asked for: the key that ties documents to rows of the matrix."""

    _name = "retail.request.kind"
    _description = "Request Kind"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="The name by which policies, reports and other systems know this kind.",
    )
    description = fields.Text(
        translate=True, help="What such a request lets somebody do, in one sentence."
    )
    sequence = fields.Integer(default=10)
    model_id = fields.Many2one(
        "ir.model",
        string="Document",
        domain=[("transient", "=", False)],
        ondelete="cascade",
        help="The kind of document that is approved. Empty as long as no installed "
        "app brings one.",
    )
    model = fields.Char(related="model_id.model", store=True, index=True)
    material_fields = fields.Char(
        help="Technical names of the fields an approval rests on, separated by "
        "commas; a line's field as line_ids.amount. Changing one of them voids the "
        "approval; changing anything else does not.",
    )
    validity_days = fields.Integer(
        string="Valid for (days)",
        default=30,
        help="An approval that is not used within this time lapses. 0: never.",
    )
    needs_review = fields.Boolean(
        string="Reviewed afterwards",
        help="Decided on a shortened path: somebody looks at it again afterwards.",
    )
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.ref("base.user_admin"),
        ondelete="restrict",
        help="Hears of requests that no published policy covers.",
    )
    rule_ids = fields.One2many("retail.approval.rule", "kind_id")
    request_ids = fields.One2many("retail.approval.request", "kind_id")

    _code_unique = models.Constraint(
        "UNIQUE(code)", "Another kind of request has this code: choose one of its own."
    )
    _validity_not_negative = models.Constraint(
        "CHECK(validity_days >= 0)", "An approval cannot be valid for less than no day."
    )

    @api.constrains("model_id", "material_fields")
    def _check_material_fields(self):
        for kind in self.filtered("model_id"):
            if not kind._material_paths():
                raise ValidationError(
                    self.env._(
                        "Say which fields an approval of “%(kind)s” rests on: without "
                        "them a document could change after it was approved.",
                        kind=kind.name,
                    )
                )
            kind._check_paths_exist()

    @api.constrains("model_id")
    def _check_governs_alone(self):
        """Two kinds for one model would leave it to their order which one holds."""
        for kind in self:
            document = self.env.get(kind.model)
            if not getattr(document, "_approval_kind_by_model", False):
                continue
            same = [("model_id", "=", kind.model_id.id), ("id", "!=", kind.id)]
            other = self.sudo().search(same, limit=1)
            if other:
                raise ValidationError(
                    self.env._(
                        "%(document)s: “%(other)s” governs it already. Change that "
                        "one, or leave the document of “%(kind)s” empty.",
                        document=kind.model_id.name,
                        other=other.name,
                        kind=kind.name,
                    )
                )

    def _check_paths_exist(self):
        for path in self._material_paths():
            model = self.env.get(self.model_id.model)
            for name in path.split("."):
                if model is None or name not in model._fields:
                    raise ValidationError(
                        self.env._(
                            "“%(path)s” is no field of %(document)s: correct the "
                            "material fields of “%(kind)s”.",
                            path=path,
                            document=self.model_id.name,
                            kind=self.name,
                        )
                    )
                model = self.env.get(model._fields[name].comodel_name)

    def _material_paths(self):
        self.ensure_one()
        names = (self.material_fields or "").split(",")
        return [name.strip() for name in names if name.strip()]

    @api.model
    def _of_model(self, model_name):
        """Return the kind that governs a document by itself, empty for none.

        :param model_name: technical name of a document
        """
        return self.browse(self._id_of_model(model_name))

    @api.model
    @tools.ormcache("model_name")
    def _id_of_model(self, model_name):
        return self.sudo().search([("model", "=", model_name)], limit=1).id or ()

    @api.model
    @tools.ormcache("model_name")
    def _material_names(self, model_name):
        """Return the document's own fields on which some kind's approvals rest.

        :param model_name: technical name of a document
        :return: frozenset of field names
        """
        kinds = self.sudo().search([("model", "=", model_name)])
        return frozenset(
            path.split(".")[0] for kind in kinds for path in kind._material_paths()
        )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        kinds = super().create(vals_list)
        kinds._record_change(sorted(self._audited_fields()), "approval.kind.made")
        return kinds

    def write(self, vals):
        if (self._audited_fields() - {"owner_id"}) & set(vals):
            self._check_may_control()
        result = super().write(vals)
        self.env.registry.clear_cache()
        changed = self._audited_fields() & set(vals)
        if changed:
            self._record_change(changed)
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        self._record_change([], "approval.kind.removed")
        return super().unlink()

    def _check_may_control(self):
        """A second person published the rows; one alone does not undo their effect."""
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        ruled = self.sudo().rule_ids.filtered(
            lambda rule: rule.policy_id.state == "published"
        )
        if ruled:
            raise AccessError(
                self.env._(
                    "“%(kind)s” is ruled by a published policy: only a user with "
                    "Settings rights changes how it is controlled.",
                    kind=ruled.kind_id[:1].name,
                )
            )

    def _audited_fields(self):
        return {"material_fields", "validity_days", "model_id", "owner_id"}

    def _record_change(self, names, action="approval.kind.changed"):
        facts = [
            {"kind": kind.code, **{name: kind._fact_of(name) for name in names}}
            for kind in self.sudo()
        ]
        self.env["retail.audit.entry"]._record(self, action, facts)

    def _fact_of(self, name):
        value = self[name]
        return value.ids if isinstance(value, models.BaseModel) else value
