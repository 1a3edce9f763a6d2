import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("retail_ops_approver", {
    url: "/odoo/retail-home",
    steps: () => [
        {
            isActive: ["desktop"],
            trigger: ".o_menu_sections [data-menu-xmlid='retail_ops_approvals.menu_approvals']",
            content: _t("What waits for a decision stands under Approvals."),
            run: "click",
        },
        {
            isActive: ["desktop"],
            trigger: ".o-dropdown--menu [data-menu-xmlid='retail_ops_approvals.menu_request_mine']",
            content: _t("These wait for you."),
            run: "click",
        },
        {
            isActive: ["desktop"],
            trigger: ".o_list_view .o_data_row:first .o_data_cell",
            content: _t("The most urgent stands first. Open it."),
            run: "click",
        },
        {
            isActive: ["mobile"],
            trigger: ".o_retail_home [data-section=approvals] .o_retail_row:first button",
            content: _t("These wait for you, the most urgent first. Open one."),
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_approve]",
            content: _t(
                "You see the amount, what was there before and why you are asked. Approve, or reject and say why."
            ),
            run: "click",
        },
        {
            trigger: ".o_form_view:not(:has(button[name=action_approve]))",
        },
    ],
});
