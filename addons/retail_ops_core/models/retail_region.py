from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RetailRegion(models.Model):
    _name = "retail.region"
    _description = "Region"
    _inherit = ["retail.audited", "retail.import"]
    _import_key = ("code",)
    _parent_store = True
    _order = "complete_name"
    _rec_name = "complete_name"
    _rec_names_search = ["complete_name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Short code used in files and events.")
    complete_name = fields.Char(
        compute="_compute_complete_name", recursive=True, store=True
    )
    parent_id = fields.Many2one(
        "retail.region",
        string="Part of",
        index=True,
        ondelete="restrict",
        help="The level above: its manager sees all below, and is next in an "
        "escalation.",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("retail.region", "parent_id", string="Subregions")
    company_id = fields.Many2one(
        "res.company", help="Leave empty for a region that spans companies."
    )
    manager_id = fields.Many2one(
        "res.users",
        string="Regional manager",
        help="Sees and works every store of the region, and is next in line when "
        "a store lets an exception grow old.",
    )
    leader_ids = fields.Many2many(
        "res.users",
        relation="retail_region_leader_rel",
        compute="_compute_leader_ids",
        recursive=True,
        store=True,
        string="Managers in line",
        help="This region's manager and those of every region above it.",
    )
    store_ids = fields.One2many("retail.store", "region_id", string="Stores")
    store_count = fields.Integer(compute="_compute_store_count")
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint(
        "UNIQUE(code)", "Another region has this code: choose a code of its own."
    )

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for region in self:
            above = region.parent_id.complete_name
            region.complete_name = f"{above} / {region.name}" if above else region.name

    @api.depends("manager_id", "parent_id.leader_ids")
    def _compute_leader_ids(self):
        for region in self:
            region.leader_ids = region.manager_id | region.parent_id.leader_ids

    @api.depends("store_ids")
    def _compute_store_count(self):
        counts = dict(
            self.env["retail.store"]._read_group(
                [("region_id", "in", self.ids)], ["region_id"], ["__count"]
            )
        )
        for region in self:
            region.store_count = counts.get(region, 0)

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A region cannot be part of itself: choose another parent.")
            )

    @api.constrains("manager_id")
    def _check_manager_id(self):
        for region in self:
            what = self.env._("region %s", region.display_name)
            region.manager_id._check_works_here(what)

    @api.model
    def get_import_templates(self):
        """Return the file that shows how to import them, for the import screen."""
        return [
            {
                "label": self.env._("Import template for regions"),
                "template": "/retail_ops_core/static/import/regions.csv",
            }
        ]

    def _manager_at_level(self, level):
        """Return who manages the region ``level`` steps up the tree.

        :param level: 0 for this region, 1 for the one it is part of, and so on
        :return: res.users, empty when the tree or the name ends before
        """
        region = self
        for _step in range(level):
            region = region.parent_id
        return region.manager_id.filtered("active")
