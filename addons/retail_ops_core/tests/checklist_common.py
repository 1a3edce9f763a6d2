import base64

from odoo import Command

from .common import RetailOpsCase

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
ITEMS = [
    {"name": "Doors and exits are clear", "due_hours": 1, "is_veto": True, "weight": 2},
    {"name": "Fridge temperatures", "due_hours": 2, "evidence": "photo"},
    {"name": "Price labels", "due_hours": 4},
]


class ChecklistCase(RetailOpsCase):
    """A daily compliance checklist from 08:00 in the stores of the test network."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own_stores = cls.store | cls.other_store | cls.far_store
        cls.template = cls._create_template(name="Opening check", kind="daily")

    @classmethod
    def _create_template(cls, **values):
        return cls.env["retail.checklist.template"].create(
            {
                "start_hour": 8,
                "first_day": "2026-01-01",
                "store_domain": str([("id", "in", cls.own_stores.ids)]),
                "item_ids": [
                    Command.create({"sequence": number, **item})
                    for number, item in enumerate(ITEMS)
                ],
                **values,
            }
        )

    def _run_cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f"retail_ops_core.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def _start(self, template=None):
        """Return the checklist of ``store`` for the period that is due now."""
        template = template or self.template
        self._run_cron("cron_checklist_create")
        return self._checklist_of(template, self.store)[-1:]

    def _checklist_of(self, template, store):
        return self.env["retail.checklist"].search(
            [("template_id", "=", template.id), ("store_id", "=", store.id)],
            order="id",
        )

    def _item(self, checklist, name, user=None):
        items = checklist.item_ids.filtered(lambda item: item.name.startswith(name))
        return items.with_user(user or self.manager)

    def _photo(self, user, content=PIXEL, name="fridge.png"):
        return (
            self.env["ir.attachment"]
            .with_user(user)
            .create(
                {"name": name, "raw": content, "res_model": "retail.checklist.answer"}
            )
        )

    def _answer(self, item, answer, note=False, evidence=None):
        """Answer as the item's user does in the dialog."""
        return (
            item.env["retail.checklist.answer"]
            .create(
                {
                    "item_id": item.id,
                    "answer": answer,
                    "note": note,
                    "evidence_ids": [Command.set(evidence.ids if evidence else [])],
                }
            )
            .action_confirm()
        )

    def _finish(self, checklist, user=None):
        """Answer every item of the checklist as its store would."""
        user = user or self.manager
        for item in checklist.item_ids.with_user(user):
            photo = self._photo(user) if item.evidence == "photo" else None
            self._answer(item, "done", evidence=photo)

    def _facts_of(self, record, action):
        return (
            self.env["retail.audit.entry"]
            .search(
                [
                    ("model", "=", record._name),
                    ("res_id", "in", record.ids),
                    ("action", "=", action),
                ]
            )
            .mapped("facts")
        )
