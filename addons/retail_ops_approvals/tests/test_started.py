from .common import ApprovalCase


class TestGettingStarted(ApprovalCase):
    """Approvals add the matrix to what an administrator sets up, and a tour."""

    def _rows(self, user, section):
        home = self.env["retail.home"].with_user(user).get_home("started")
        [found] = [each for each in home["sections"] if each["key"] == section]
        return {row["key"]: row for row in found["rows"]}

    def test_the_matrix_is_done_once_a_person_has_published_it(self):
        self.assertTrue(self._rows(self.admin, "setup")["matrix"]["is_done"])
        self.env.flush_all()
        self.env.cr.execute("UPDATE retail_approval_policy SET publisher_id = NULL")
        self.env.invalidate_all()
        step = self._rows(self.admin, "setup")["matrix"]
        self.assertFalse(step["is_done"])
        self.assertIn("publish yours", step["detail"])

    def test_who_decides_is_offered_a_first_approval(self):
        tour = "retail_ops_approvals.tour_approver"
        self.assertIn(tour, self._rows(self.region_manager, "tours"))
        self.assertNotIn(tour, self._rows(self.manager, "tours"))
