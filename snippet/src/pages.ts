/** Notices page views, of single-page apps too. */

import { guard, listen } from "./guard";

let lastUrl: string | undefined;
let referrer = document.referrer;

/** The address without a fragment, which may hold secrets; one that routes (`#/…`, `#!…`) belongs to it. */
export const pageUrl = () => location.href.replace(/#(?![/!]).*/, "");

/** Segment's `context.page`; path and search are parts of the address. */
export const pageFacts = () => ({ referrer, title: document.title, url: pageUrl() });

/** Whether the page has moved to an address that was not counted last; from then on it was. */
export function hasMoved(): boolean {
  const url = pageUrl();
  if (url === lastUrl) return false;
  referrer = lastUrl || referrer;
  lastUrl = url;
  return true;
}

/** Call `moved` after every step of the history, `returned` when the browser brings back a frozen page. */
export function watchPages(moved: () => void, returned: () => void): void {
  for (const step of ["pushState", "replaceState"] as const) {
    const original = history[step];
    history[step] = function (...given) {
      original.apply(history, given);
      guard(moved)();
    };
  }
  listen(window, "popstate", moved);
  listen(window, "pageshow", (event: PageTransitionEvent) => {
    if (event.persisted) returned();
  });
}
