import { describe, expect, it, vi } from "vitest";
import { DENIED, GRANTED, batches, decides, events, giving, gtag, host, item } from "./page";
import { load, loadConsented, named, nextPage, pass, server } from "./page";

const kept = () => [...Object.keys(localStorage), ...Object.keys(sessionStorage)];
const known = () => events().at(-1).context.consent.categoryPreferences;

describe("before consent", () => {
  it("stores, reads and sends nothing but the page's question, without cookies", async () => {
    document.body.innerHTML = '<div data-expedit="home"></div>';
    const reads = vi.spyOn(Storage.prototype, "getItem");
    const writes = vi.spyOn(Storage.prototype, "setItem");
    host().dataLayer = [{ event: "view_item", ecommerce: { items: [{ item_id: "J1" }] } }];
    await load({ "data-endpoint": "https://expedit.example/x/" });
    host().expedit.identify("u1", { name: "Eva" }, "hash");
    await pass(5000);
    expect(kept()).toEqual([]);
    expect(reads).not.toHaveBeenCalled();
    expect(writes).not.toHaveBeenCalled();
    expect(batches()).toEqual([]);
    expect(server.requests.map(({ credentials }) => credentials)).toEqual(server.requests.map(() => "omit"));
    const { body, url } = decides()[0]!;
    expect(url).toBe("https://expedit.example/x/v1/decide");
    expect(Object.keys(body).sort()).toEqual(["consent", "context", "placements", "writeKey"]);
    expect(body.consent).toEqual({});
    expect(body.context).toEqual({
      locale: "sv",
      url: "https://www.shop.se/",
      productIds: ["J1"],
      sessionProducts: ["J1"],
    });
  });

  it("holds events in memory and sends them when the answer is yes", async () => {
    await load();
    host().expedit.track("share");
    await pass(3000);
    expect(batches()).toEqual([]);
    host().expedit.consent({ analytics: true });
    await pass(1000);
    expect(events().map((one) => one.event || one.type)).toEqual(["page", "share", "consent"]);
    expect(events().map((one) => one.context.consent.categoryPreferences)).toEqual([
      { analytics: true }, { analytics: true }, { analytics: true },
    ]);
    expect(batches()[0]!.credentials).toBe("include");
  });
});

describe("Google consent mode", () => {
  const granted = async (...commands: [string, object][]) => {
    await load();
    for (const [command, values] of commands) gtag("consent", command, values);
    host().expedit.consent({ email: true });
    await pass(1100);
    return named("consent").at(-1).properties;
  };

  it("reads defaults and updates pushed before loading", async () => {
    host().dataLayer = [];
    gtag("consent", "default", { analytics_storage: "denied", ad_personalization: "denied" });
    gtag("consent", "update", { analytics_storage: "granted" });
    await load();
    await pass(1100);
    expect(known()).toEqual({ analytics: true, personalization: false });
  });

  it("takes a default that denies for 'not asked yet', so that it never counts as a withdrawal", async () => {
    expect(await granted(["default", { analytics_storage: "granted", ad_personalization: "denied" }])).toEqual({
      analytics: true,
      email: true,
    });
  });

  it("lets personalization_storage win over ad_personalization", async () => {
    expect(
      await granted(["update", { ad_personalization: "granted", personalization_storage: "denied", analytics_storage: "granted" }]),
    ).toEqual({ analytics: true, personalization: false, email: true });
  });

  it.each([
    ["first", [{ analytics_storage: "denied", region: ["SE"] }, { analytics_storage: "granted" }]],
    ["last", [{ analytics_storage: "granted", region: ["US"] }, { analytics_storage: "denied" }]],
  ])("trusts no grant that a region may not have (denial %s)", async (_, defaults) => {
    expect(await granted(...defaults.map((values): [string, object] => ["default", values]))).toEqual({ email: true });
  });

  it("waits for the banner before the first decision, as long as the page says", async () => {
    document.body.innerHTML = '<div data-expedit="home"></div>';
    host().dataLayer = [];
    gtag("consent", "default", { analytics_storage: "denied", wait_for_update: 500 });
    await load();
    await pass(400);
    expect(decides()).toHaveLength(0);
    gtag(...GRANTED);
    await pass(50);
    expect(decides().map(({ body }) => body.consent)).toEqual([{ analytics: true, personalization: true }]);
    await pass(2000);
    expect(decides()).toHaveLength(1);
  });

  it("does not wait for ever", async () => {
    document.body.innerHTML = '<div data-expedit="home"></div>';
    host().dataLayer = [];
    gtag("consent", "default", { analytics_storage: "denied", wait_for_update: 60_000 });
    await load();
    await pass(2200);
    expect(decides()).toHaveLength(1);
  });
});

describe("telling the server", () => {
  it("happens once a visit, though the banner answers on every page", async () => {
    await loadConsented();
    await pass(1000);
    expect(named("consent").map(({ properties }) => properties)).toEqual([{ analytics: true, personalization: true }]);
    nextPage();
    await loadConsented();
    await pass(1000);
    expect(events().map(({ type }) => type)).toEqual(["page"]);
  });

  it("of a permission to mail lets nothing else out", async () => {
    await load();
    host().expedit.track("share");
    host().expedit.consent({ email: true });
    host().expedit.track("login");
    await pass(3000);
    expect(events().map(({ event, properties }) => [event, properties])).toEqual([["consent", { email: true }]]);
    expect(kept()).toEqual([]);
  });

  it("takes anything but true for no", async () => {
    await load();
    host().expedit.consent({ analytics: "denied", personalization: 1, email: true });
    await pass(1100);
    expect(named("consent")[0].properties).toEqual({ analytics: false, personalization: false, email: true });
  });
});

describe("withdrawal", () => {
  it("is told, forgets the device's id and what waited, and rules the next request", async () => {
    server.decide = giving(item("1"));
    document.body.innerHTML = '<div data-expedit="home"></div>';
    await loadConsented({ "data-endpoint": "https://expedit.example" });
    await pass(1000);
    const id = localStorage.getItem("expedit_id");
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(decides().at(-1)!.body.anonymousId).toBe(id);
    server.requests = [];

    host().expedit.track("share");
    host().expedit.consent({ analytics: false, personalization: false });
    host().expedit.track("login");
    expect(kept()).toEqual([]);
    await pass(5000);
    expect(events()).toHaveLength(1);
    expect(events()[0]).toMatchObject({
      event: "consent",
      anonymousId: id,
      properties: { analytics: false, personalization: false },
      context: { consent: { categoryPreferences: { analytics: false, personalization: false } } },
    });
    expect(decides().map(({ body }) => [body.anonymousId, body.consent.personalization])).toEqual([[undefined, false]]);
    expect(kept()).toEqual([]);
  });

  it("carries the cookie once more and is repeated until heard", async () => {
    await loadConsented();
    await pass(1000);
    server.batch = "down";
    server.requests = [];
    gtag(...DENIED);
    await pass(2000);
    server.batch = 200;
    await pass(5000);
    expect(batches().length).toBeGreaterThan(1);
    expect(batches().map(({ credentials }) => credentials)).toEqual(batches().map(() => "include"));
    expect(new Set(events().map(({ messageId }) => messageId)).size).toBe(1);
    const heard = batches().length;
    host().expedit.track("share");
    await pass(5000);
    expect(batches()).toHaveLength(heard);
  });

  it("can be taken back, and events flow again", async () => {
    await loadConsented();
    await pass(1000);
    server.batch = "down";
    gtag(...DENIED);
    await pass(1500);
    server.batch = 200;
    gtag(...GRANTED);
    host().expedit.track("share");
    await pass(5000);
    expect(named("share")).toHaveLength(1);
  });

  it("of personalization alone keeps analytics, and never shows a personal answer that comes late", async () => {
    let tell = (_: unknown) => {};
    const normal = globalThis.fetch;
    document.body.innerHTML = '<div data-expedit="home"></div>';
    vi.stubGlobal("fetch", (url: string, options: any) =>
      url.endsWith("/v1/decide") && JSON.parse(options.body).consent.personalization
        ? new Promise((resolve) => (tell = resolve))
        : normal(url, options),
    );
    await loadConsented();
    server.decide = giving(item("contextual"));
    host().expedit.consent({ personalization: false });
    await pass(100);
    const late = giving(item("personal"))({ placements: [{ placement: "home" }] });
    tell(new Response(JSON.stringify({ decisions: late })));
    await pass(1000);
    expect(document.body.textContent).toContain("Jacket contextual");
    expect(document.body.textContent).not.toContain("Jacket personal");
    expect(known()).toEqual({ analytics: true, personalization: false });
  });
});

describe("identity", () => {
  it("leaves the id to the server's cookie on the shop's own site", async () => {
    await loadConsented();
    await pass(1000);
    expect(localStorage.getItem("expedit_id")).toBeNull();
    expect(events().every((one) => one.anonymousId === undefined)).toBe(true);
  });

  it.each([
    ["https://www.shop.se", true], ["https://shop.se", true], ["https://e.shop.se", true],
    ["https://expedit.example", false], ["https://e.othershop.se", false], ["https://shop.se.evil.example", false],
  ])("tells the shop's own site: %s", async (endpoint, own) => {
    await loadConsented({ "data-endpoint": endpoint });
    await pass(1000);
    expect(batches().map(({ credentials }) => credentials)).toEqual([own ? "include" : "omit"]);
    expect(!!localStorage.getItem("expedit_id")).toBe(!own);
  });

  it("keeps its fallback id from page to page", async () => {
    await loadConsented({ "data-endpoint": "https://expedit.example" });
    await pass(1000);
    const ids = events().map((one) => one.anonymousId);
    nextPage();
    await loadConsented({ "data-endpoint": "https://expedit.example" });
    await pass(1000);
    expect(new Set([...ids, ...events().map((one) => one.anonymousId)]).size).toBe(1);
  });

  it("names the user only with the shop's hash, in events and decisions", async () => {
    document.body.innerHTML = '<div data-expedit="home"></div>';
    await loadConsented();
    host().expedit.identify("u1", { plan: "b" });
    host().expedit.track("share");
    await pass(1000);
    expect(named("share")[0].userId).toBeUndefined();
    expect(decides().at(-1)!.body.userId).toBeUndefined();
    expect(events().find(({ type }) => type === "identify")).toMatchObject({ userId: "u1", traits: { plan: "b" } });

    host().expedit.identify("u1", {}, "abc");
    host().expedit.track("login");
    await pass(1000);
    expect(named("login")[0]).toMatchObject({ userId: "u1", context: { userHash: "abc" } });
    expect(decides().at(-1)!.body).toMatchObject({ userId: "u1", userHash: "abc" });

    const before = decides().length;
    host().expedit.identify("u1", {}, "abc");
    await pass(1000);
    expect(decides()).toHaveLength(before);
  });

  it("forgets the person at logout", async () => {
    document.body.innerHTML = '<div data-expedit="home"></div>';
    await loadConsented({ "data-endpoint": "https://expedit.example" });
    host().expedit.identify("u1", {}, "abc");
    await pass(1000);
    const before = decides().at(-1)!.body.anonymousId;
    host().expedit.reset();
    await pass(1000);
    const { body } = decides().at(-1)!;
    expect([body.userId, body.userHash]).toEqual([undefined, undefined]);
    expect(body.anonymousId).toMatch(/^[0-9a-f]{32}$/);
    expect(body.anonymousId).not.toBe(before);
  });
});
