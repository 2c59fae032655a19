/** What this page view is about, in memory only: the context of decisions when nothing may be remembered. */

import { locale, market } from "./settings";
import type { Properties } from "./types";

/** The events that give a page's type away. */
const TYPES: Record<string, string> = {
  view_item_list: "category",
  search: "search",
  view_cart: "cart",
  view_item: "product",
  begin_checkout: "checkout",
  purchase: "order",
};

let seen: string[] = [];
let cart: string[] = [];
let about: Properties = {};
export let pageType: string | undefined;

/** Start a page view. */
export function openPage(): void {
  about = {};
  // The root of the shop, of a market (`/se/`) or of a language (`/sv/`).
  pageType = RegExp(`^/(${market}|${locale})?/?$`, "i").test(location.pathname) ? "home" : undefined;
}

/** Learn from an event of the page; true when it says for the first time what the page is about. */
export function learnEvent(event: string, { items, products, search_term }: Properties): boolean {
  const ids = ((items || products || []) as Properties[]).map((item) => `${item.item_id || item.product_id}`);
  const put = (list: string[], more: string[]) => list.filter((id) => !ids.includes(id)).concat(more).slice(-20);
  const type = TYPES[event];
  const first = !pageType && !!type;
  const product = type === "product";
  // A product page may show a list too, and stand at the root of the shop; nothing else becomes another type.
  if (first || (product && pageType !== type)) {
    pageType = type;
    about = { query: search_term, productIds: product ? ids : undefined };
  }
  if (product || event === "add_to_cart") seen = put(seen, ids);
  if (type === "cart" || type === "checkout") cart = ids;
  else if (type === "order") cart = [];
  else if (/_cart$/.test(event)) cart = put(cart, event === "add_to_cart" ? ids : []);
  return first;
}

/** The page's part of a decision's context; with the products seen in this visit when `memory`. */
export const pageContext = (memory: boolean): Properties => ({
  ...about,
  cart: cart[0] ? cart : undefined,
  sessionProducts: memory && seen[0] ? seen : undefined,
});

/** Forget the person, not the page. */
export function forgetVisit(): void {
  seen = cart = [];
}
