/**
 * A second, optional script: hands on what the visitor answered in IAB TCF, Cookiebot, Usercentrics or Cookie
 * Information, whichever is on the page. Only answers are handed on: until there is one, nothing is said.
 */

import { guard, listen } from "./guard";
import type { Consent } from "./types";

type Categories = Record<string, unknown>;
type Wanted = Record<"analytics" | "personalization", string | string[]>;

interface TcData {
  eventStatus?: string;
  gdprApplies?: boolean;
  purpose?: { consents?: Record<string, boolean> };
}

interface Host {
  expedit?: unknown[][];
  /** Which of the platform's categories stands for which purpose, where ours is not the shop's choice. */
  expeditConsent?: Partial<Wanted>;
  __tcfapi?: (command: string, version: number, callback: (data: TcData, ok: boolean) => void) => void;
  Cookiebot?: { hasResponse?: boolean; consent?: Categories };
  CookieInformation?: { getConsentGivenFor?: (category: string) => boolean };
  UC_UI?: { isInitialized?: () => boolean; getServicesBaseInfo?: () => Service[] };
  dataLayer?: Categories[];
}

interface Service {
  categorySlug: string;
  consent: { status: boolean; history?: { type?: string }[] };
}

const host = window as unknown as Host;
let last = "";

/** Tell the snippet what the categories' answers mean, if they say something else than before. */
function tell(given: (category: string) => unknown, standard: Wanted): void {
  const wanted = { ...standard, ...host.expeditConsent };
  const answers: Consent = {};
  for (const purpose of ["analytics", "personalization"] as const) {
    answers[purpose] = ([] as string[]).concat(wanted[purpose]).every((category) => given(category) === true);
  }
  const text = JSON.stringify(answers);
  if (text === last) return;
  last = text;
  (host.expedit = host.expedit || []).push(["consent", answers]);
}

/** IAB TCF 2: storage (1) with measuring content (8), or with profiles made (5) and used (6) for content. */
function readTcf(data: TcData, ok: boolean): void {
  const status = data.eventStatus;
  if (!ok || (status !== "tcloaded" && status !== "useractioncomplete")) return;
  const consents = (data.purpose && data.purpose.consents) || {};
  tell((purpose) => data.gdprApplies === false || consents[purpose], {
    analytics: ["1", "8"],
    personalization: ["1", "5", "6"],
  });
}

function readCookiebot(): void {
  const { hasResponse, consent } = host.Cookiebot || {};
  if (hasResponse && consent) {
    tell((category) => consent[category], { analytics: "statistics", personalization: "preferences" });
  }
}

/** Cookie Information answers "no" for every category before the visitor has; its cookie tells the two apart. */
function readCookieInformation(): void {
  const { getConsentGivenFor } = host.CookieInformation || {};
  if (getConsentGivenFor && /(^|; )CookieInformationConsent=/.test(document.cookie)) {
    tell((category) => getConsentGivenFor(category), {
      analytics: "cookie_cat_statistic",
      personalization: "cookie_cat_functional",
    });
  }
}

const USERCENTRICS: Wanted = { analytics: "functional", personalization: "functional" };

/** The services that Usercentrics 2 lists; a category is given when all of its services are. */
function readUsercentrics(): void {
  const ui = host.UC_UI;
  if (!ui || !ui.getServicesBaseInfo || (ui.isInitialized && !ui.isInitialized())) return;
  const services = ui.getServicesBaseInfo();
  if (!services.some(({ consent }) => (consent.history || []).some(({ type }) => type === "explicit"))) return;
  tell((category) => {
    const its = services.filter(({ categorySlug }) => categorySlug === category);
    return its.length > 0 && its.every(({ consent }) => consent.status);
  }, USERCENTRICS);
}

/** What Usercentrics 2 and 3 push; a category that holds yes and no is null. */
function readPush(push: Categories): void {
  if (push && push.event === "consent_status" && /^explicit$/i.test(String(push.type)) && push.ucCategory) {
    tell((category) => (push.ucCategory as Categories)[category], USERCENTRICS);
  }
}

const read = guard(() => {
  readCookiebot();
  readCookieInformation();
  readUsercentrics();
});

let asked = false;
/** Follow IAB TCF; its function may come after us, as may the others' objects. */
const follow = guard(() => {
  if (host.__tcfapi && !asked) {
    asked = true;
    host.__tcfapi("addEventListener", 2, guard(readTcf));
  }
});

for (const name of [
  "CookiebotOnConsentReady",
  "CookiebotOnAccept",
  "CookiebotOnDecline",
  "CookieInformationConsentGiven",
  "UC_UI_INITIALIZED",
  "UC_UI_CMP_EVENT",
]) {
  listen(window, name, read);
}

guard(() => {
  const layer = (host.dataLayer = host.dataLayer || []);
  layer.forEach(guard(readPush));
  const push = layer.push;
  layer.push = function (...given: Categories[]) {
    given.forEach(guard(readPush));
    return push.apply(layer, given);
  };
})();

for (const event of ["DOMContentLoaded", "load"]) {
  listen(event === "load" ? window : document, event, () => {
    follow();
    read();
  });
}
follow();
read();
