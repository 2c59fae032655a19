/** expedit in the browser: wires the parts together and opens `window.expedit`. */

import { make, setTemplate } from "./card";
import { allows, known, learnConsent, readGoogle, refused } from "./consent";
import { readDataLayer } from "./datalayer";
import { flush, forget, record, resume, startDelivery } from "./delivery";
import { watch } from "./exposure";
import { guard, listen } from "./guard";
import { hasMoved, watchPages } from "./pages";
import { setPerson } from "./person";
import { decide, listeners, patience, refresh, setPatience, startPlacements } from "./placements";
import { endpoint, readSettings } from "./settings";
import type { Consent, Decision, Properties } from "./types";
import { forgetVisit, learnEvent, openPage } from "./visit";

const PATIENCE = 2000; // ms, the longest wait for a consent banner's answer
const SETTLE = 50; // ms for a router to set the title and draw the view after it has changed the address

function track(event: string, properties: Properties = {}): void {
  record("track", { event, properties });
  if (learnEvent(event, properties)) refresh();
}

function view(): void {
  record("page", {});
  refresh();
}

/** Count a page view, unless this address has just been counted. */
function page(): void {
  if (hasMoved()) {
    openPage();
    setTimeout(guard(view), SETTLE);
  }
}

function consent(answers: Consent, spoken = true): void {
  const before = allows();
  const personal = !!known.personalization;
  const tell = learnConsent(answers, spoken);
  const now = allows();
  if (refused() || (tell && !now)) forget();
  if (now && !before) resume();
  if (tell) record("track", { event: "consent", properties: { ...known } }, !now);
  if (patience || personal !== !!known.personalization) {
    setPatience(0);
    refresh();
  }
}

const methods: Record<string, (...given: never[]) => unknown> = {
  track,
  page,
  identify(userId: string, traits?: Properties, userHash?: string) {
    const changed = setPerson(userId, userHash);
    record("identify", { traits });
    if (changed) refresh();
  },
  consent: (answers: Consent) => consent(answers),
  decide,
  refresh,
  reset() {
    flush();
    setPerson();
    forgetVisit();
    refresh();
  },
  template: setTemplate,
  watch,
  on: (_event: "decision", listener: (decision: Decision, element: Element) => void) => void listeners.push(listener),
  push: (...calls: unknown[][]) => calls.forEach(call),
};

/** Run a queued call such as `["track", "add_to_cart", {…}]`. */
const call = guard(([name, ...given]: unknown[]) => {
  (methods[name as string] as (...given: unknown[]) => unknown)(...given);
});

guard(() => {
  const host = window as unknown as { expedit?: unknown[][] & { track?: unknown } };
  const api = (host.expedit = host.expedit || []);
  if (api.track) return; // The tag is on the page twice.
  readSettings((document.currentScript || document.querySelector("script[data-write-key]")) as HTMLScriptElement);

  const start = () => {
    const queued = api.splice(0);
    for (const name in methods) (api as unknown as typeof methods)[name] = guard(methods[name]!);
    hasMoved();
    openPage();
    record("page", {});
    startDelivery();
    guard(readDataLayer)(track, (command, values) => {
      const update = command === "update";
      consent(readGoogle(update, values), update);
      if (!update) setPatience(Math.min(+(values.wait_for_update as number) || 0, PATIENCE));
    });
    queued.forEach(call);
    guard(watchPages)(page, view);
    startPlacements();
    // Somebody of the shop has come from the panel to point at the spot of a placement.
    if (location.hash.match("expedit-pick")) {
      document.head.append(make("script", { src: endpoint + "/expedit-pick.js" }));
    }
  };
  // A page that is only drawn ahead, in case the visitor goes there, has not been seen yet.
  if ((document as Document & { prerendering?: boolean }).prerendering) listen(document, "prerenderingchange", start);
  else start();
})();
