import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("retail_ops_integrator", {
    url: "/odoo/retail-home",
    steps: () => [
        {
            trigger: ".o_retail_home [data-section=now]",
            content: _t("What needs you stands here; what mends itself is counted apart."),
            run: "click",
        },
        {
            isActive: ["mobile"],
            trigger: ".o_navbar .o_menu_toggle",
            content: _t("Everything else is in the menu."),
            run: "click",
        },
        {
            isActive: ["desktop"],
            trigger: ".o_menu_sections [data-menu-xmlid='retail_ops_integrations.menu_integrations']",
            content: _t("Sources send to us, endpoints are sent to."),
            run: "click",
        },
        {
            trigger:
                ".o-dropdown--menu [data-menu-xmlid='retail_ops_integrations.menu_endpoint'], .o_app_menu_sidebar [data-menu-xmlid='retail_ops_integrations.menu_endpoint']",
            content: _t("Let us send a first event to an endpoint."),
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:first .o_data_cell",
            content: _t("Open the endpoint."),
            run: "click",
        },
        {
            trigger: ".o_form_statusbar button[name=action_send_test]",
            content: _t("Send a test: a signed ping that changes nothing anywhere."),
            run: "click",
        },
        {
            trigger:
                ".o_list_view .o_data_row:contains(ping) .o_data_cell:first, .o_kanban_view .o_kanban_record:contains(ping)",
            content: _t("It stands here at once, and says what the receiver answered."),
            run: "click",
        },
        {
            trigger: ".o_form_view a[name=attempts]",
            content: _t("Each attempt with its answer. What fails is tried again by itself."),
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=attempt_ids]",
        },
    ],
});
