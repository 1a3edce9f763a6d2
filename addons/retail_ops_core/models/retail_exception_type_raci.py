from odoo import models

# Families that finance answers for, as its record rules say.
FINANCE_FAMILIES = ("stock", "cash", "pricing")
STORE, REGION, TEAM, OWNER, IT, FINANCE, CARE = range(7)
DOER = {
    "store_manager": STORE,
    "region_manager": REGION,
    "least_loaded": TEAM,
    "business_owner": OWNER,
}


class RetailExceptionType(models.Model):
    """RACI: who is Responsible, Accountable, Consulted, Informed for each activity."""

    _inherit = "retail.exception.type"

    def _raci_columns(self):
        """Return list of ``(function, who that is for this type)``."""
        self.ensure_one()
        queue = self.queue_id.sudo()
        care = self.env.ref(
            "retail_ops_core.queue_customer_care", raise_if_not_found=False
        )
        care_owner = care.sudo().business_owner_id.name if care else ""
        return [
            (self.env._("Store"), self.env._("Store manager")),
            (self.env._("Region"), self.env._("Regional manager")),
            (self.env._("Owning team"), queue.name),
            (self.env._("Operations"), queue.business_owner_id.name),
            (self.env._("IT"), queue.technical_owner_id.name),
            (self.env._("Finance"), self.env._("Finance")),
            (self.env._("Customer service"), care_owner),
        ]

    def _raci_rows(self):
        """Return the letters of each activity, one Accountable in each.

        :return: list of ``(activity, letters)``; letters are aligned with
            :meth:`_raci_columns`: R, A, C, I, combinations such as A/R, or empty
        """
        self.ensure_one()
        doer = DOER[self.queue_id.sudo().assignment]
        finisher = REGION if self.region_decides else doer
        rows = [
            (self.env._("Report it"), {STORE: "R", OWNER: "A", TEAM: "I"}),
            (self.env._("Work on it"), {STORE: "C", REGION: "I", doer: "R"}),
            (self.env._("Answer an escalation"), {REGION: "R", STORE: "I", TEAM: "C"}),
            (self.env._("Resolve and close"), {STORE: "I", finisher: "R"}),
            (self.env._("Set rules, thresholds and SLA"), {IT: "R", REGION: "C"}),
            (self.env._("Keep integrations running"), {IT: "A/R", OWNER: "I"}),
        ]
        if self.review_threshold:
            review = self.env._("Review what is above the threshold")
            rows.insert(3, (review, {OWNER: "A/R", REGION: "I"}))
        return [(name, self._raci_letters(letters)) for name, letters in rows]

    def _raci_letters(self, letters):
        """Complete one row: the business owner answers, others hear of it."""
        letters = dict(letters)
        if not any("A" in letter for letter in letters.values()):
            letters[OWNER] = "A/R" if letters.get(OWNER) == "R" else "A"
        if self.family in FINANCE_FAMILIES:
            letters.setdefault(FINANCE, "I")
        if self.family == "customer":
            letters.setdefault(CARE, "C")
        return [letters.get(column, "") for column in range(7)]
