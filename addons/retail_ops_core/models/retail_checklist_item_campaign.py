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
        item = self[0]
        stores = self.store_id.sudo().sorted("code")
        codes = ", ".join(stores[:named].mapped("code"))
        more = ", …" if len(stores) > named else ""
        remarks = self._risk_remarks()
        return self.env._(
            "%(item)s%(remarks)s, stores without it: %(count)s (%(codes)s)",
            item=item.name,
            remarks=f" ({remarks})" if remarks else "",
            count=len(stores),
            codes=codes + more,
        )

    def _risk_remarks(self):
        """Return what makes it worse: veto, overdue, cannot be done."""
        overdue = len(self.filtered("is_overdue"))
        failed = len(self.filtered(lambda item: item.state == "failed"))
        remarks = [
            self[0].is_veto and self.env._("veto"),
            overdue and self.env._("%s overdue", overdue),
            failed and self.env._("%s cannot", failed),
        ]
        return ", ".join(filter(None, remarks))
