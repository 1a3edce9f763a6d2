import {onMounted, onWillUnmount, useExternalListener} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";

const MINUTE_MS = 60000;

/**
 * Look anew once a minute while the screen is visible, and at once when it becomes so
 * after longer: a hidden tab asks nothing.
 *
 * @param {Function} look what to do
 */
export function useEveryMinute(look) {
    let lookedAt = Date.now();
    let timer = null;
    function lookIfOld() {
        const isOld = Date.now() - lookedAt >= MINUTE_MS - 1000;
        if (document.visibilityState === "visible" && isOld) {
            lookedAt = Date.now();
            look();
        }
    }
    useExternalListener(document, "visibilitychange", lookIfOld);
    onMounted(() => {
        timer = browser.setInterval(lookIfOld, MINUTE_MS);
    });
    onWillUnmount(() => browser.clearInterval(timer));
}
