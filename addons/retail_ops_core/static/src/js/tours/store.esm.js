import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("retail_ops_store", {
    url: "/odoo/retail-home",
    steps: () => [
        {
            trigger: ".o_retail_home .o_retail_raise",
            content: _t("Something went wrong in the store? Report it here."),
            run: "click",
        },
        {
            trigger: ".o_retail_report_tiles button[data-code=price_label_error]",
            content: _t("Pick what happened: a label shows the wrong price."),
            run: "click",
        },
        {
            trigger: "#report_summary",
            content: _t("Say in one line what you see."),
            run: "edit Shelf label of the coffee shows last week's price",
        },
        {
            trigger: "#report_amount",
            content: _t("How much money is at stake?"),
            run: "edit 2",
        },
        {
            trigger: ".o_retail_report_facts button[type=submit]",
            content: _t("Send it. Who looks after it and until when is decided at once."),
            run: "click",
        },
        {
            trigger: ".o_retail_report_open",
            content: _t("Open the case."),
            run: "click",
        },
        {
            trigger: ".o_form_statusbar button[name=action_start]",
            content: _t("Tell the others that you are at it."),
            run: "click",
        },
        {
            trigger: ".o_form_statusbar button[name=action_resolve]",
            content: _t("The label is changed: resolve the case."),
            run: "click",
        },
        {
            trigger: ".modal [name=note] textarea",
            content: _t("Say what you did; whoever reads the case later learns from it."),
            run: "edit Label printed anew, the aisle walked",
        },
        {
            trigger: ".modal .modal-footer button.btn-primary",
            content: _t("Confirm. The clock stops, and your region sees it."),
            run: "click",
        },
        {
            isActive: ["desktop"],
            trigger: ".o_statusbar_status button[data-value=resolved].o_arrow_button_current",
        },
        {
            isActive: ["mobile"],
            trigger: ".o_form_view:not(:has(button[name=action_resolve]))",
        },
    ],
});
