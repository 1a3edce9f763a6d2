from odoo import models


class RetailChecklistItem(models.Model):
    """What campaigns ask of the items of all their stores."""

    _inherit = "retail.checklist.item"

    def _move_to(self, planned):
        """Move open items; those that were overdue are on time again.

        :param planned: dict id of the template's item -> naive UTC datetime
        """
        for item in self.filtered(lambda item: item.state == "open"):
            due = planned.get(item.template_item_id.id)
            if due:
                item.write({"due_at": due, "is_overdue": False})

    def _risk_lines(self, worst, named):
        """Say which items are missing in how many stores, vetoes first.

        :param worst: how many items to name
        :param named: how many stores to name for each
        :return: text, one line an item
        """
        groups = sorted(
            self.grouped("name").values(),
            key=lambda items: (not items[0].is_veto, -len(items)),
        )
        return "\n".join(items._risk_line(named) for items in groups[:worst])

    def _risk_line(self, named):
        stores = self.store_id.sudo().sorted("code")
        codes = ", ".join(stores[:named].mapped("code"))
        overdue = len(self.filtered("is_overdue"))
        failed = len(self.filtered(lambda item: item.state == "failed"))
        return self.env._(
            "%(item)s%(veto)s: missing in %(stores)s stores, %(overdue)s overdue, "
            "%(failed)s cannot (%(codes)s%(more)s)",
            item=self[0].name,
            veto=self.env._(" (veto)") if self[0].is_veto else "",
            stores=len(stores),
            overdue=overdue,
            failed=failed,
            codes=codes,
            more=", …" if len(stores) > named else "",
        )
