import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const host = () => window as unknown as Record<string, any>;
const NAMES = ["expedit", "expeditConsent", "__tcfapi", "Cookiebot", "CookieInformation", "UC_UI", "dataLayer"];
let listeners: [EventTarget, string, any, any][] = [];

const load = () => import("../src/consent-platforms");
const told = () => (host().expedit || []).map(([name, answers]: [string, object]) => (expect(name).toBe("consent"), answers));
const happen = (name: string) => window.dispatchEvent(new Event(name));

beforeEach(() => {
  vi.resetModules();
  for (const target of [window, document]) {
    const add = target.addEventListener.bind(target);
    vi.spyOn(target, "addEventListener").mockImplementation((name: string, act: any, options: any) => {
      listeners.push([target, name, act, options]);
      add(name, act, options);
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  for (const [target, name, act, options] of listeners.splice(0)) target.removeEventListener(name, act, options);
  for (const name of NAMES) delete host()[name];
  document.cookie = "CookieInformationConsent=; max-age=0";
});

describe("a page without a platform", () => {
  it("says nothing", async () => {
    await load();
    happen("load");
    expect(told()).toEqual([]);
  });
});

describe("Cookiebot", () => {
  const answer = (statistics: boolean, preferences: boolean, hasResponse = true) => {
    host().Cookiebot = { hasResponse, consent: { necessary: true, statistics, preferences, marketing: false } };
  };

  it("is silent until the visitor has answered", async () => {
    answer(false, false, false);
    await load();
    happen("CookiebotOnConsentReady");
    expect(told()).toEqual([]);
    answer(true, false);
    happen("CookiebotOnAccept");
    expect(told()).toEqual([{ analytics: true, personalization: false }]);
  });

  it("tells a withdrawal, and nothing twice", async () => {
    answer(true, true);
    await load();
    happen("CookiebotOnConsentReady");
    answer(false, false);
    happen("CookiebotOnDecline");
    happen("CookiebotOnDecline");
    expect(told()).toEqual([
      { analytics: true, personalization: true },
      { analytics: false, personalization: false },
    ]);
  });

  it("maps categories as the shop says", async () => {
    host().expeditConsent = { personalization: ["preferences", "marketing"] };
    answer(true, true);
    await load();
    expect(told()).toEqual([{ analytics: true, personalization: false }]);
  });
});

describe("Cookie Information", () => {
  it("is read once its cookie says that there is an answer", async () => {
    const given = new Set(["cookie_cat_statistic"]);
    host().CookieInformation = { getConsentGivenFor: (category: string) => given.has(category) };
    await load();
    expect(told()).toEqual([]);
    document.cookie = "CookieInformationConsent=%7B%7D";
    happen("CookieInformationConsentGiven");
    given.add("cookie_cat_functional");
    happen("CookieInformationConsentGiven");
    expect(told()).toEqual([
      { analytics: true, personalization: false },
      { analytics: true, personalization: true },
    ]);
  });
});

describe("Usercentrics", () => {
  const services = (functional: boolean, type: string) => [
    { categorySlug: "essential", consent: { status: true, history: [{ type }] } },
    { categorySlug: "functional", consent: { status: functional, history: [{ type }] } },
    { categorySlug: "functional", consent: { status: true, history: [{ type }] } },
  ];

  it("counts an answer that the visitor gave, for whole categories", async () => {
    let now = services(true, "implicit");
    host().UC_UI = { isInitialized: () => true, getServicesBaseInfo: () => now };
    await load();
    happen("UC_UI_INITIALIZED");
    expect(told()).toEqual([]);
    now = services(false, "explicit");
    happen("UC_UI_CMP_EVENT");
    now = services(true, "explicit");
    happen("UC_UI_CMP_EVENT");
    expect(told()).toEqual([
      { analytics: false, personalization: false },
      { analytics: true, personalization: true },
    ]);
  });

  it("is heard in the data layer, before and after loading", async () => {
    const push = (type: string, functional: boolean | null) => ({
      event: "consent_status",
      type,
      ucCategory: { essential: true, functional, marketing: false },
    });
    host().dataLayer = [push("implicit", true), push("explicit", null)];
    await load();
    expect(host().dataLayer.push(push("EXPLICIT", true), { event: "other" })).toBe(4);
    expect(told()).toEqual([
      { analytics: false, personalization: false },
      { analytics: true, personalization: true },
    ]);
  });
});

describe("IAB TCF", () => {
  const tcf = () => {
    let hear: (data: object, ok: boolean) => void = () => undefined;
    host().__tcfapi = (command: string, version: number, callback: typeof hear) => {
      expect([command, version]).toEqual(["addEventListener", 2]);
      hear = callback;
    };
    return (eventStatus: string, consents: Record<string, boolean>, gdprApplies = true) =>
      hear({ eventStatus, gdprApplies, purpose: { consents } }, true);
  };

  it("needs storage and profiles of content for personalization", async () => {
    const hear = tcf();
    await load();
    hear("cmpuishown", {});
    expect(told()).toEqual([]);
    hear("useractioncomplete", { 1: true, 5: true, 8: true });
    hear("useractioncomplete", { 1: true, 5: true, 6: true });
    hear("useractioncomplete", { 5: true, 6: true, 8: true });
    expect(told()).toEqual([
      { analytics: true, personalization: false },
      { analytics: false, personalization: true },
      { analytics: false, personalization: false },
    ]);
  });

  it("may come after the script, and says yes where the law does not apply", async () => {
    await load();
    const hear = tcf();
    happen("load");
    hear("tcloaded", {}, false);
    expect(told()).toEqual([{ analytics: true, personalization: true }]);
  });

  it("never throws into the page", async () => {
    vi.spyOn(console, "debug").mockImplementation(() => undefined);
    host().__tcfapi = () => {
      throw new Error("broken");
    };
    host().Cookiebot = {
      get hasResponse() {
        throw new Error("broken too");
      },
    };
    await expect(load()).resolves.toBeDefined();
    expect(told()).toEqual([]);
  });
});
