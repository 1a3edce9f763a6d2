from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from .common import RetailOpsCase


class TestNetwork(RetailOpsCase):
    def test_managers_in_line_are_those_of_the_region_and_above(self):
        self.assertEqual(
            self.region.leader_ids, self.region_manager | self.country_manager
        )
        self.country.manager_id = self.operations
        self.assertEqual(self.region.leader_ids, self.region_manager | self.operations)

    def test_a_store_that_changes_region_takes_its_open_work_along(self):
        open_one, done = self._take_in(), self._take_in()
        done._set_resolved("Found behind the shelf")
        self.store.region_id = self.far_region
        self.assertEqual(open_one.region_id, self.far_region)
        self.assertEqual(done.region_id, self.region)

    def test_a_code_names_one_store_of_a_company(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._create_store("T042", self.region, self.manager)

    def test_a_type_code_is_unique(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.discrepancy.copy({"code": "inventory_discrepancy"})

    def test_a_region_cannot_be_part_of_itself(self):
        with self.assertRaisesRegex(UserError, "[Rr]ecursi|itself"):
            self.country.parent_id = self.region

    def test_an_sla_policy_speaks_of_every_severity(self):
        policy = self.env.ref("retail_ops_core.sla_standard")
        with self.assertRaisesRegex(ValidationError, "severity Low"):
            policy.target_ids.filtered(lambda row: row.severity == "low").unlink()
            policy._check_target_ids()

    def test_each_queue_has_owners(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["retail.queue"].create({"name": "Nobody's", "code": "nobody"})
