"""Orders of Odoo's purchase agreements are held like any other order of a store.

The module is none that the suite stands on: a copy of the demo gets it.
"""

import pytest

from launcher.server import free_port
from tests.journeys.test_held_paths import Orders, refused_or_held
from tests.journeys.test_modules import Odoo

MODULE = "purchase_requisition"


class Agreements(Orders):
    """The manager of a store, who makes agreements with vendors himself."""

    def agreed(self, price, kind="blanket_order"):
        """Return a running agreement about the product, as its maker confirms it."""
        values = {"vendor_id": self.vendor, "requisition_type": kind}
        line = {"product_id": self.product, "product_qty": 1, "price_unit": price}
        lines = {"line_ids": [(0, 0, line)]}
        made = self.me.call("purchase.requisition", "create", {**values, **lines})
        self.me.call("purchase.requisition", "action_confirm", [made])
        return made

    def order_of(self, agreement, price):
        return self.order(price, requisition_id=agreement)

    def confirm(self, order, **context):
        self.me.call("purchase.order", "button_confirm", [order], context=context)

    def alternative(self, order):
        """Return an order that Odoo makes beside another one, of the same vendor."""
        values = {"origin_po_id": order, "partner_ids": [(6, 0, [self.vendor])]}
        wizard = "purchase.requisition.create.alternative"
        made = self.me.call(wizard, "create", values)
        return self.me.call(wizard, "action_create_alternative", [made])["res_id"]


@pytest.fixture(scope="module")
def agreements(workshop, testbed):
    with testbed.copy(testbed.demo(), "blanket") as database:
        odoo = Odoo(workshop, database, workshop.home.log("test-blanket"))
        odoo.run(f"--init={MODULE}", "--stop-after-init")
        port = free_port()
        log = workshop.home.log("test-blanket-web")
        with database.instance.serving(port, log=log):
            url = f"http://127.0.0.1:{port}"
            yield Agreements(url, database.name, database)


@pytest.fixture(autouse=True)
def another_vendor(agreements):
    agreements.turn_to_another_vendor()


def of_a_blanket_order(agreements):
    agreed = agreements.agreed(4000)
    agreements.confirm(agreements.order_of(agreed, 4000))


def of_a_template(agreements):
    agreed = agreements.agreed(4000, kind="purchase_template")
    agreements.confirm(agreements.order_of(agreed, 4000))


def tied_to_it_afterwards(agreements):
    order = agreements.order(4000)
    agreed = {"requisition_id": agreements.agreed(4000)}
    agreements.me.call("purchase.order", "write", [order], agreed)
    agreements.confirm(order)


def past_the_warning(agreements):
    order = agreements.order(4000)
    agreements.alternative(order)
    agreements.confirm(order, skip_alternative_check=True)


def keeping_the_alternatives(agreements):
    answer_the_warning(agreements, "action_keep_alternatives")


def cancelling_the_alternatives(agreements):
    answer_the_warning(agreements, "action_cancel_alternatives")


def answer_the_warning(agreements, answer):
    order = agreements.order(4000)
    orders = {
        "po_ids": [(6, 0, [order])],
        "alternative_po_ids": [(6, 0, [agreements.alternative(order)])],
    }
    wizard = "purchase.requisition.alternative.warning"
    made = agreements.me.call(wizard, "create", orders)
    agreements.me.call(wizard, answer, [made])


WAYS = (
    of_a_blanket_order,
    of_a_template,
    tied_to_it_afterwards,
    past_the_warning,
    keeping_the_alternatives,
    cancelling_the_alternatives,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_order_of_an_agreement_is_confirmed_without_an_approval(agreements, way):
    with refused_or_held():
        way(agreements)
    assert agreements.confirmed() < 50


def test_a_small_order_of_an_agreement_passes(agreements):
    agreements.confirm(agreements.order_of(agreements.agreed(20), 20))
    assert agreements.confirmed() >= 20


def terms(who, order):
    [read] = who.call("purchase.order", "read", [order], ["retail_terms_text"])
    return read["retail_terms_text"]


def test_what_a_store_agrees_with_a_vendor_alone_is_no_agreed_price(agreements):
    order = agreements.order_of(agreements.agreed(30), 30)
    assert "no agreed price" in terms(agreements.me, order)


def test_what_a_buyer_agreed_is_an_agreed_price(agreements):
    manager, agreements.me = agreements.me, agreements.admin
    agreed = agreements.agreed(30)
    agreements.me = manager
    assert not terms(manager, agreements.order_of(agreed, 30))
