from odoo import models

from .retail_workflow import LIVE, SHADOW


class RetailException(models.Model):
    """Classifiers act in stores of live waves, and are only noted in shadow ones."""

    _inherit = "retail.exception"

    def _classified_by_rules(self):
        """Return those whose classifiers act; note what shadow ones would do.

        Where a store stands is read from the database.
        """
        acting = self.browse()
        for workflow, cases in self.grouped(
            lambda each: each.type_id.workflow_id
        ).items():
            stages = workflow._stages(cases.store_id)
            acting |= cases.filtered(lambda each, at=stages: at[each.store_id] == LIVE)
            watched = cases.filtered(
                lambda each, at=stages: at[each.store_id] == SHADOW
            )
            if watched:
                watched._note_classification(workflow)
        return acting

    def _note_classification(self, workflow):
        classifiers = self._deciding_classifiers()
        waves = self.env["retail.rollout.wave"]._places(workflow, self.store_id)
        severities = dict(self._fields["severity"]._description_selection(self.env))
        rows = []
        for exception in self:
            classifier, note = classifiers._decide(exception)
            severity = exception._severity_by(classifier)
            rows.append(
                {
                    "wave_id": waves[exception.store_id].id,
                    "workflow_id": workflow.id,
                    "store_id": exception.store_id.id,
                    "subject": "classification",
                    "res_model": self._name,
                    "res_id": exception.id,
                    "document_name": exception.display_name,
                    "rule": classifier.name or self.env._("The type's own severity"),
                    "proposed": severities[severity],
                    "proposed_code": severity,
                    "proposed_type_id": exception.type_id.id,
                    "reason": note,
                }
            )
        self.env["retail.rollout.shadow"]._note(rows)

    def _left_alone_values(self):
        """Return what a case gets where no classifier acts; people's word stands."""
        if self.state != "new":
            return {"needs_classification": False}
        note = self.env._(
            "“%s” is not live in this store: classifiers decide nothing here, and the "
            "type's own severity holds until somebody sets another.",
            self.type_id.workflow_id.name,
        )
        return self._classification_values(self._deciding_classifiers()[:0], note)
