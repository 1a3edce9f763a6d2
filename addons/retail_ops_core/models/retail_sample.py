from collections import defaultdict
from datetime import datetime

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.modules.module import Manifest
from odoo.tools import file_open, ormcache

from ..tools.samples import record_ids

SUITE = "retail_ops_%"
OURS = "retail."
# These are samples when a demo file names them, and grow on nothing.
PLACES = ("retail.store", "retail.region")
# A letter about a region is of no store.
OF_REGIONS = ("retail.letter", "region_id")


class RetailSample(models.AbstractModel):
    """The sample data: what demo files name, and what grew on it by itself.

    Rows that people made, and what belongs to them, are nobody's sample.
    """

    _name = "retail.sample"
    _description = "Sample Data"

    # === Named by demo files === #
    @api.model
    def _named(self):
        """Return dict model -> ids of the records that demo files made and that exist.

        Records of the suite's own data files are left out, even where a demo file
        changes one.
        """
        names = self.env["ir.model.data"].sudo().search([("module", "=like", SUITE)])
        samples = self._sample_names()
        found = defaultdict(set)
        for name in names:
            if name.complete_name in samples and name.model in self.env:
                found[name.model].add(name.res_id)
        return {model: self._existing(model, ids) for model, ids in found.items()}

    @api.model
    def _existing(self, model, ids):
        records = self.env[model].sudo().with_context(active_test=False).browse(ids)
        return set(records.exists().ids)

    @api.model
    @ormcache()
    def _sample_names(self):
        """Return the full XML ids that demo files alone make; files do not change."""
        demo, data = set(), set()
        for module in self._suite():
            manifest = Manifest.for_addon(module.name)
            demo |= self._names_in(module.name, manifest["demo"])
            data |= self._names_in(module.name, manifest["data"])
        return frozenset(demo - data)

    @api.model
    def _suite(self):
        return (
            self.env["ir.module.module"]
            .sudo()
            .search([("name", "=like", SUITE), ("state", "=", "installed")])
        )

    @api.model
    def _names_in(self, addon, files):
        names = set()
        for path in files:
            if path.endswith(".xml"):
                with file_open(f"{addon}/{path}", "rb") as file:
                    names |= record_ids(addon, file.read())
        return names

    # === Grown on it === #
    @api.model
    def _found(self):
        """Return dict model -> ids: what is named, and what grew on it by itself."""
        found = self._named()
        makers = [SUPERUSER_ID, *found.get("res.users", ())]
        size = None
        while size != (size := sum(map(len, found.values()))):
            for model in self._documents():
                grown = self._grown(model, found, makers)
                if grown:
                    found.setdefault(model._name, set()).update(grown)
        letters = self._company_letters(found, makers)
        found.setdefault("retail.letter", set()).update(letters.ids)
        return {model: ids for model, ids in found.items() if ids}

    @api.model
    def _company_letters(self, found, makers):
        """Return the letters about companies that had no store of their own yet."""
        stores = self.env["retail.store"].sudo().with_context(active_test=False)
        samples = stores.browse(found.get("retail.store", ()))
        companies = samples.company_id
        own = stores.search(
            Domain("company_id", "in", companies.ids)
            & Domain("id", "not in", samples.ids)
            & Domain("format", "!=", "office")
        ).grouped("company_id")
        letters = (
            self.env["retail.letter"]
            .sudo()
            .search(
                Domain("company_id", "in", companies.ids)
                & Domain("region_id", "=", False)
                & Domain("create_uid", "in", makers)
            )
        )
        begun = {
            company: min(each.mapped("create_date")) for company, each in own.items()
        }
        return letters.filtered(
            lambda letter: (
                letter.written_at < begun.get(letter.company_id, datetime.max)
            )
        )

    @api.model
    def _documents(self):
        """Return the suite's models, places left out."""
        return [
            self.env[name].sudo().with_context(active_test=False)
            for name, model in self.env.registry.items()
            if name.startswith(OURS)
            and name not in PLACES
            and model._auto
            and not model._abstract
            and not model._transient
        ]

    @api.model
    def _grown(self, model, found, makers):
        """Return ids of rows that hold samples fast and that no person made.

        What the database deletes together with a sample needs no finding.
        """
        domain = Domain.OR(
            Domain(name, "in", list(found[owner]))
            for name, owner in self._holding_fields(model)
            if owner in found
        )
        if model._log_access:
            domain &= Domain("create_uid", "in", makers)
        return model.search(domain).ids

    @api.model
    def _holding_fields(self, model):
        """Return ``(field, model)`` of what a row is of and keeps from going."""
        return [
            (name, field.comodel_name)
            for name, field in model._fields.items()
            if field.type == "many2one"
            and field.store
            and field.comodel_name.startswith(OURS)
            and (
                name == "store_id"
                or (model._name, name) == OF_REGIONS
                or (field.required and field.ondelete == "restrict")
            )
        ]
