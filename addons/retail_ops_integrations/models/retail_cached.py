from odoo import api, models


class RetailCached(models.AbstractModel):
    """Records that every request needs: kept in the registry's cache."""

    _name = "retail.cached"
    _description = "Cached configuration"

    @api.model
    def _forget(self):
        """Empty the cache now and, as a request may fill it meanwhile, after commit."""
        self.env.registry.clear_cache()
        self.env.cr.postcommit.add(self.env.registry.clear_cache)

    @api.model_create_multi
    def create(self, vals_list):
        self._forget()
        return super().create(vals_list)

    def write(self, vals):
        self._forget()
        return super().write(vals)

    def unlink(self):
        self._forget()
        return super().unlink()
