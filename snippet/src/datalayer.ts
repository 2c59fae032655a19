/** Reads Google's dataLayer as Tag Manager does: earlier pushes, `gtag()` arguments, `ecommerce` resets. */

import { guard } from "./guard";
import type { Properties } from "./types";

/** The GA4 events that mean something to expedit (spec/events.json). Page views are counted by ourselves. */
export const EVENTS =
  /^((view|select)_(item|promotion)|view_(item_list|cart|search_results)|(add_to|remove_from)_(cart|wishlist)|add_.*_info|begin_checkout|purchase|refund|search|sign_up|log(in|out)|generate_lead|share)$/;

/** Hand on every event and every consent command, earlier ones first. */
export function readDataLayer(
  onEvent: (name: string, properties: Properties) => void,
  onConsent: (command: unknown, values: Properties) => void,
): void {
  const host = window as unknown as { dataLayer?: Properties[] };
  const layer = (host.dataLayer = host.dataLayer || []);
  let ecommerce: Properties | null | undefined;

  const event = (name: unknown, properties: Properties) => {
    if (!EVENTS.test(name as string)) return;
    // Used up: the next event must not inherit these products.
    ecommerce = undefined;
    onEvent(name as string, properties);
  };

  const read = guard((entry: Properties | null) => {
    if (!entry) return;
    const { 0: command, 1: name } = entry;
    // Mail addresses and the like, which Google's tags collect under this name, are not for us.
    const { user_data, ...values } = (entry[2] || {}) as Properties;
    if (command === "consent") onConsent(name, values);
    else if (command === "event") event(name, values);
    else {
      const part = entry.ecommerce as Properties | null | undefined;
      if (part !== undefined) ecommerce = part && { ...ecommerce, ...part };
      // Beside `ecommerce` a push holds whatever the page wants: only what is known is taken.
      event(entry.event, { search_term: entry.search_term, ...ecommerce });
    }
  });

  const push = layer.push;
  layer.push = function (...entries: Properties[]) {
    const result = push.apply(layer, entries);
    entries.forEach(read);
    return result;
  };
  layer.slice().forEach(read);
}
