from .common import RetailOpsCase


class TestLockedDown(RetailOpsCase):
    """As installed nothing is open: each way in is opened by somebody who says so."""

    def test_every_right_to_records_is_some_groups(self):
        rights = self.env["ir.model.access"].search(
            [
                ("model_id.model", "=like", "retail.%"),
                ("group_id", "=", False),
            ]
        )
        self.assertFalse(rights.mapped("name"))

    def test_portal_and_public_are_given_nothing(self):
        outside = self.env.ref("base.group_portal") | self.env.ref("base.group_public")
        rights = self.env["ir.model.access"].search(
            [
                ("model_id.model", "=like", "retail.%"),
                ("group_id", "in", outside.ids),
            ]
        )
        self.assertFalse(rights.mapped("name"))

    def test_installation_gives_no_role_to_anybody_but_administrators(self):
        shipped = self.env["ir.model.data"].search(
            [("module", "=like", "retail\\_ops\\_%"), ("model", "=", "res.groups")]
        )
        roles = self.env["res.groups"].browse(shipped.mapped("res_id"))
        given = roles.all_user_ids.filtered(
            lambda user: not user.login.startswith("test_")
        )
        system = self.env.ref("base.user_root") | self.env.ref("base.user_admin")
        self.assertLessEqual(given, system)

    def test_a_new_employee_gets_no_role(self):
        employee = self.env["res.users"].create(
            {"name": "New here", "login": "test_new_here"}
        )
        groups = employee.all_group_ids.get_external_id().values()
        ours = [name for name in groups if name.startswith("retail_ops_core.")]
        self.assertEqual(ours, [])
