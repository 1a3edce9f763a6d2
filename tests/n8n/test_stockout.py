"""Goods run out: category manager and supplier are told, and say that they know."""

import re

import requests

from tests.n8n.cases import hops, is_acknowledged, notices_of
from tests.waiting import eventually
from tests.webclient import WebClient

LINK = re.compile(r"https?://\S+/webhook/retail-ops-acknowledge\?\S+")


def lower_the_shelf(base_url, db):
    """Raise the least that store 0044 wants of yogurt above what it has."""
    admin = WebClient(base_url, db, "admin", "admin")
    [product] = admin.find("product.product", [("default_code", "=", "YOG-1K")], ["id"])
    [place] = admin.find("stock.warehouse", [("code", "=", "S0044")], ["lot_stock_id"])
    values = {
        "product_id": product["id"],
        "warehouse_id": place["id"],
        "location_id": place["lot_stock_id"][0],
        "product_min_qty": 9000,
        "product_max_qty": 9100,
        "trigger": "manual",
    }
    [level] = admin.call("stock.warehouse.orderpoint", "create", [values])
    [job] = admin.find(
        "ir.cron", [("cron_name", "=", "Stores' stock: raise what runs out")], ["id"]
    )
    admin.call("ir.cron", "method_direct_trigger", [job["id"]])
    return level


def case_of_level(people, level):
    found = people["auditor"].find(
        "retail.exception",
        [("stock_watch_key", "=", f"stock.level/{level}")],
        ["name", "state", "correlation_id"],
    )
    return found[0] if found else None


def link_in(letter):
    return LINK.search(letter.get_payload(decode=True).decode()).group()


def test_both_are_told_and_the_suppliers_answer_stands_on_the_case(
    base_url, db, people, n8n
):
    level = lower_the_shelf(base_url, db)
    case = eventually(lambda: case_of_level(people, level), 30)
    eventually(lambda: is_acknowledged(people, case), 90)
    letters = {one["to"]: one for one in n8n.mailbox.about(case["name"])}
    assert set(letters) == {"hq@northline.example", "orders@green-valley.example"}
    told = {notice["audience"]: notice for notice in notices_of(people, case)}
    assert set(told) == {"category_manager", "supplier"}

    assert_opening_the_page_acknowledges_nothing(people, case, letters)
    link = link_in(letters["orders@green-valley.example"])
    answer = requests.post(link, data={"answer": "On Tuesday"}, timeout=30)
    assert answer.status_code == 200
    eventually(lambda: answered(people, case).get("supplier") == "On Tuesday", 30)
    assert not answered(people, case)["category_manager"]
    assert "message.acknowledged" in {hop["what"] for hop in hops(people, case)}


def answered(people, case):
    return {one["audience"]: one["answer"] for one in notices_of(people, case)}


def assert_opening_the_page_acknowledges_nothing(people, case, letters):
    """A mail scanner opens links; a changed link is refused."""
    link = link_in(letters["orders@green-valley.example"])
    assert "<form" in requests.get(link, timeout=30).text
    forged = link.replace("audience=supplier", "audience=category_manager")
    assert requests.post(forged, timeout=30).status_code == 403
    assert not any(one["acknowledged_at"] for one in notices_of(people, case))
