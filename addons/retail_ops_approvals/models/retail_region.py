from odoo import models


class RetailRegion(models.Model):
    """Where rows of the matrix hold."""

    _name = "retail.region"
    _inherit = ["retail.region", "retail.approval.place"]
    _decided_by = frozenset({"manager_id", "parent_id"})

    def _deciders(self):
        return self.leader_ids

    def _path_ids(self):
        """Return the ids from the top region down to this one, none for no region."""
        path = (self.parent_path or "").strip("/")
        return tuple(int(region) for region in path.split("/") if region)
