import {Domain} from "@web/core/domain";
import {GlobalFiltersCoreViewPlugin} from "@spreadsheet/global_filters/plugins/global_filters_core_view_plugin";
import {patch} from "@web/core/utils/patch";

// Filters of other dashboards keep Odoo's way: a record alone, without those below it.
const OUR_MODELS = "retail.";

patch(GlobalFiltersCoreViewPlugin.prototype, {
    /** Take a region with all below it, as everywhere else in the suite. */
    getGlobalFilterDomain(filterId, fieldMatching) {
        const filter = this.getters.getGlobalFilter(filterId);
        const value = filter && this.getGlobalFilterValue(filterId);
        const isOurs = filter && filter.modelName?.startsWith(OUR_MODELS);
        if (isOurs && filter.includeChildren && value?.operator === "in") {
            return new Domain([[fieldMatching.chain, "child_of", value.ids]]);
        }
        return super.getGlobalFilterDomain(filterId, fieldMatching);
    },
});
