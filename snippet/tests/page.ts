/** A page of a shop for tests: the real script in a DOM, a server that remembers what it was sent. */

import { afterEach, beforeEach, vi } from "vitest";
import type { Decision, Item, Properties } from "../src/types";

export interface Request {
  url: string;
  body: any;
  credentials: string | undefined;
  keepalive: boolean | undefined;
  /** How it left: `fetch` or `beacon`. */
  by: string;
}

export const server = {
  requests: [] as Request[],
  /** Answers to batches: a status, or "down" for no network. */
  batch: 200 as number | "down",
  decide: ((_body: any) => [] as Decision[]) as (body: any) => Decision[],
  decideStatus: 200,
  spots: [] as Properties[],
  beacon: true,
};

export const item = (id: string, more: Partial<Item> = {}): Item => ({
  id,
  title: `Jacket ${id}`,
  url: `/p/${id}`,
  imageUrl: `/i/${id}.webp`,
  price: "1499.00",
  salePrice: null,
  priorPrice: null,
  badge: null,
  currency: "SEK",
  reason: { code: "similar", text: "Like what you looked at" },
  ...more,
});

/** A server that gives every placement the same items. */
export const giving =
  (...items: Item[]) =>
  (body: any): Decision[] =>
    body.placements.map((one: any, index: number) => ({
      decisionId: `d${index}`,
      placement: one.placement,
      title: `Title of ${one.placement}`,
      items,
      experiment: null,
    }));

type Observed = { element: Element; tell: (ratio: number) => void };

const steps = { pushState: history.pushState, replaceState: history.replaceState };
export const inView: Observed[] = [];
let listeners: [EventTarget, string, any, any][] = [];
/** The tests' window has bound methods of its own, and its elements another prototype than the global one. */
const prototypeOf = (target: object): EventTarget =>
  Object.prototype.hasOwnProperty.call(target, "addEventListener")
    ? (target as EventTarget)
    : prototypeOf(Object.getPrototypeOf(target));
const targets = [prototypeOf(document), prototypeOf(window)];
const originals = targets.map((target) => target.addEventListener);
const observers: MutationObserver[] = [];
const RealMutationObserver = MutationObserver;

export const host = () => window as any;

export const batches = () => server.requests.filter(({ url }) => url.endsWith("/v1/batch"));
export const events = (): any[] => batches().flatMap(({ body }) => body.batch);
export const named = (name: string) => events().filter((one) => one.event === name);
export const decides = () => server.requests.filter(({ url }) => url.endsWith("/v1/decide"));

/** Let `ms` pass, timers and promises alike. */
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Tell the script that an element is in view by `ratio`. */
export function see(selector: string, ratio: number): void {
  for (const element of Array.from(document.querySelectorAll(selector))) {
    for (const one of inView.filter((observed) => observed.element === element)) one.tell(ratio);
  }
}

export const GRANTED = ["consent", "update", { analytics_storage: "granted", personalization_storage: "granted" }];
export const DENIED = ["consent", "update", { analytics_storage: "denied", personalization_storage: "denied" }];

/** `gtag(...)` as Google's own code defines it. */
export function gtag(...given: unknown[]): void {
  const { dataLayer } = host();
  dataLayer.push(
    (function () {
      return arguments;
    } as any)(...given),
  );
}

/** Load the page's script; whatever the test put into the document, dataLayer and queue was there before. */
export async function load(attributes: Record<string, string> = {}, query = ""): Promise<void> {
  const script = document.createElement("script");
  Object.defineProperty(script, "src", { value: `https://e.shop.se/expedit.js${query}` });
  for (const [name, value] of Object.entries({ "data-write-key": "wk", "data-locale": "sv", ...attributes })) {
    script.setAttribute(name, value);
  }
  Object.defineProperty(document, "currentScript", { value: script, configurable: true });
  vi.resetModules();
  await import("../src/index");
}

/** Load with consent given, and let the first page view and decision pass. */
export async function loadConsented(attributes: Record<string, string> = {}): Promise<void> {
  host().dataLayer = host().dataLayer || [];
  gtag(...GRANTED);
  await load(attributes);
  await pass(100);
}

export function leave(): void {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
  window.dispatchEvent(new Event("pagehide"));
}

async function answer(url: string, options: any = {}): Promise<Response> {
  const body = options.body ? JSON.parse(options.body) : undefined;
  const { credentials, keepalive } = options;
  server.requests.push({ url, body, credentials, keepalive, by: "fetch" });
  if (url.endsWith("/v1/batch")) {
    if (server.batch === "down") throw new TypeError("network");
    return new Response("{}", { status: server.batch });
  }
  if (url.endsWith("/v1/decide")) {
    return new Response(JSON.stringify({ decisions: server.decide(body) }), { status: server.decideStatus });
  }
  return new Response(JSON.stringify({ placements: server.spots }));
}

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-03-01T12:00:00Z") });
  vi.spyOn(Math, "random").mockReturnValue(0);
  vi.spyOn(console, "debug").mockImplementation(() => {});
  Object.assign(server, {
    requests: [],
    batch: 200,
    decide: () => [],
    decideStatus: 200,
    spots: [],
    beacon: true,
  });
  inView.length = 0;
  (window as any).happyDOM.setURL("https://www.shop.se/");
  document.head.innerHTML = "";
  document.body.innerHTML = "";
  document.title = "Shop";
  localStorage.clear();
  sessionStorage.clear();
  delete host().expedit;
  delete host().dataLayer;
  delete (document as any).hidden;
  vi.stubGlobal("fetch", vi.fn(answer));
  Object.defineProperty(navigator, "sendBeacon", {
    configurable: true,
    value: vi.fn((url: string, text: string) => {
      if (server.beacon) {
        server.requests.push({ url, body: JSON.parse(text), credentials: "include", keepalive: true, by: "beacon" });
      }
      return server.beacon;
    }),
  });
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(private readonly act: (entries: any[]) => void) {}
      observe(element: Element) {
        const tell = (ratio: number) => this.act([{ target: element, intersectionRatio: ratio }]);
        inView.push({ element, tell });
      }
      unobserve(element: Element) {
        inView.splice(0, inView.length, ...inView.filter((one) => one.element !== element));
      }
    },
  );
  vi.stubGlobal(
    "MutationObserver",
    class extends RealMutationObserver {
      constructor(act: MutationCallback) {
        super(act);
        observers.push(this);
      }
    },
  );
  targets.forEach((target, index) => {
    target.addEventListener = function (this: EventTarget, name: string, act: any, options?: any) {
      listeners.push([this, name, act, options]);
      return originals[index]!.call(this, name, act, options);
    };
  });
});

/** The browser goes to another page of the shop: scripts, timers and listeners end, storage stays. */
export function nextPage(path = "/next"): void {
  for (const [target, name, act, options] of listeners) target.removeEventListener(name, act, options);
  listeners = [];
  for (const observer of observers.splice(0)) observer.disconnect();
  Object.assign(history, steps);
  vi.clearAllTimers();
  delete host().expedit;
  delete host().dataLayer;
  delete (document as any).hidden;
  server.requests = [];
  (window as any).happyDOM.setURL(`https://www.shop.se${path}`);
}

afterEach(() => {
  nextPage();
  targets.forEach((target, index) => (target.addEventListener = originals[index]!));
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});
