{
    "name": "Retail Ops Dashboards",
    "summary": "Dashboards: control tower, network, SLA, approvals, campaigns, value",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Retail Operations",
    "author": "Retail Ops contributors",
    "website": "https://github.com/retail-ops/retail-ops-odoo",
    "license": "LGPL-3",
    "depends": [
        "retail_ops_core",
        "retail_ops_approvals",
        "retail_ops_integrations",
        "spreadsheet_dashboard",
    ],
    "data": [
        "security/ir.model.access.csv",
        "views/menus.xml",
        "data/dashboards.xml",
        "data/boards.xml",
    ],
    "assets": {
        "spreadsheet.o_spreadsheet": [
            "retail_ops_dashboard/static/src/cards/**/*",
            "retail_ops_dashboard/static/src/filters/**/*",
            "retail_ops_dashboard/static/src/keys/**/*",
        ],
    },
    "auto_install": True,
}
