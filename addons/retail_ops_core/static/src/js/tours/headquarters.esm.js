import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("retail_ops_headquarters", {
    url: "/odoo/retail-home",
    steps: () => [
        {
            trigger: ".o_retail_home [data-section=happening] [data-figure=open]",
            content: _t("Each figure opens the records that it counted. Try this one."),
            run: "click",
        },
        {
            trigger:
                ".o_list_view .o_data_row:first .o_data_cell, .o_kanban_view .o_kanban_record:first",
            content: _t("The most urgent stands first. Open it."),
            run: "click",
        },
        {
            trigger: ".o_form_view .o_notebook a[name=clocks]",
            content: _t("A case tells its deadlines, and what pauses them."),
            run: "click",
        },
        {
            trigger: ".o_back_button",
            content: _t("Back to the list, and from there to your day."),
            run: "click",
        },
        {
            isActive: ["mobile"],
            trigger: ".o_navbar .o_menu_toggle",
            content: _t("Everything else is in the menu."),
            run: "click",
        },
        {
            trigger:
                ".o_menu_sections [data-menu-xmlid='retail_ops_core.menu_home'], .o_app_menu_sidebar [data-menu-xmlid='retail_ops_core.menu_home']",
            content: _t("Your day: five questions, each with its figures."),
            run: "click",
        },
        {
            trigger: ".o_retail_home [data-section=intervention]",
        },
    ],
});
