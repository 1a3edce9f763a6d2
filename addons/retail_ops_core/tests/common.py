from odoo.tests import TransactionCase, new_test_user, tagged

DAY_HOURS = [
    {
        "name": f"Day {day}",
        "dayofweek": str(day),
        "hour_from": 8,
        "hour_to": 20,
        "day_period": "morning",
    }
    for day in range(7)
]


# Automation Rules work once the registry is complete, so tests run after install.
@tagged("post_install", "-at_install")
class RetailOpsCase(TransactionCase):
    """A small network of its own: two regions, three stores, a user for each role.

    Stores open 08:00 to 20:00 every day, in America/Los_Angeles; ``store`` belongs
    to ``region``, which is part of ``country``; ``far_store`` to another region.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.company = cls.env.company
        cls.company.currency_id = cls.env.ref("base.USD")
        cls._create_users()
        cls._create_network()
        cls.queue = cls.env.ref("retail_ops_core.queue_inventory_control")
        cls.queue.business_owner_id = cls.operations
        cls.discrepancy = cls.env.ref("retail_ops_core.type_inventory_discrepancy")
        cls.product = cls.env["product.product"].create(
            {"name": "Olive oil", "default_code": "T-OIL", "standard_price": 14.5}
        )

    @classmethod
    def _create_users(cls):
        roles = {
            "manager": "store_manager",
            "member": "store_user",
            "far_manager": "store_manager",
            "region_manager": "regional_manager",
            "country_manager": "regional_manager",
            "operations": "operations",
            "loss_prevention": "loss_prevention",
            "finance": "finance",
            "auditor": "auditor",
            "admin": "admin",
        }
        for name, group in roles.items():
            user = new_test_user(
                cls.env,
                login=f"test_{name}",
                groups=f"retail_ops_core.group_{group}",
                name=name.replace("_", " ").title(),
            )
            setattr(cls, name, user)
        for function in ("loss_prevention", "finance"):
            group = cls.env.ref(f"retail_ops_core.group_{function}")
            group.user_ids = getattr(cls, function)
        cls.outsider = new_test_user(cls.env, "test_outsider", "base.group_user")

    @classmethod
    def _create_network(cls):
        calendar = cls.env["resource.calendar"].create(
            {
                "name": "Test hours",
                "tz": "UTC",
                "attendance_ids": [(5, 0, 0)] + [(0, 0, row) for row in DAY_HOURS],
            }
        )
        Region = cls.env["retail.region"]
        cls.country = Region.create(
            {"name": "Country", "code": "T-C", "manager_id": cls.country_manager.id}
        )
        cls.region = Region.create(
            {
                "name": "Region",
                "code": "T-R",
                "parent_id": cls.country.id,
                "manager_id": cls.region_manager.id,
            }
        )
        cls.far_region = Region.create({"name": "Far region", "code": "T-F"})
        cls.calendar = calendar
        cls.store = cls._create_store("T042", cls.region, cls.manager)
        cls.store.member_ids = cls.member
        cls.other_store = cls._create_store("T043", cls.region, cls.manager)
        cls.far_store = cls._create_store("T099", cls.far_region, cls.far_manager)

    @classmethod
    def _create_store(cls, code, region, manager):
        return cls.env["retail.store"].create(
            {
                "name": f"Store {code}",
                "code": code,
                "region_id": region.id,
                "manager_id": manager.id,
                "tz": "America/Los_Angeles",
                "resource_calendar_id": cls.calendar.id,
            }
        )

    @classmethod
    def _fact(cls, **values):
        """Return values of a discrepancy as the inbox hands them over."""
        return {
            "store_id": cls.store.id,
            "type_id": cls.discrepancy.id,
            "product_id": cls.product.id,
            "expected_quantity": 12,
            "counted_quantity": 7,
            "unit_cost": 14.5,
            "reason": "Shelf count",
            "origin": "event",
            **values,
        }

    @classmethod
    def _take_in(cls, **values):
        """Return the exception that one discrepancy raises."""
        [exception] = cls.env["retail.exception"].sudo()._intake([cls._fact(**values)])
        return exception

    @classmethod
    def _raise_by_hand(cls, user, **values):
        """Return the exception that ``user`` raises in the web client."""
        return (
            cls.env["retail.exception"]
            .with_user(user)
            .create(
                {
                    "summary": "Bottles missing",
                    "store_id": cls.store.id,
                    "type_id": cls.discrepancy.id,
                    "product_id": cls.product.id,
                    "expected_quantity": 12,
                    "counted_quantity": 7,
                    **values,
                }
            )
        )
