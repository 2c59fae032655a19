import { describe, expect, it, vi } from "vitest";
import { DENIED, GRANTED, batches, events, gtag, host, leave } from "./page";
import { load, loadConsented, named, nextPage, pass, server } from "./page";

describe("delivery", () => {
  it("sends Segment's envelope, one batch a second", async () => {
    await loadConsented({ "data-market": "SE" });
    host().expedit.track("add_to_cart", { products: [{ product_id: "J1" }] });
    await pass(1000);
    expect(batches()).toHaveLength(1);
    const [{ url, body, credentials, by }] = batches() as any;
    expect([url, credentials, by]).toEqual(["https://e.shop.se/v1/batch", "include", "fetch"]);
    expect(body.writeKey).toBe("wk");
    expect(body.sentAt).toBe("2026-03-01T12:00:01.000Z");
    expect(named("add_to_cart")[0]).toEqual({
      type: "track",
      event: "add_to_cart",
      messageId: expect.stringMatching(/^[0-9a-f]{32}$/),
      timestamp: "2026-03-01T12:00:00.100Z",
      properties: { products: [{ product_id: "J1" }] },
      context: {
        page: { referrer: "", title: "Shop", url: "https://www.shop.se/" },
        locale: "sv",
        market: "SE",
        consent: { categoryPreferences: { analytics: true, personalization: true } },
      },
    });
    expect(new Set(events().map((one) => one.messageId)).size).toBe(events().length);
  });

  it("does not wait when twenty have gathered", async () => {
    await loadConsented();
    await pass(2000);
    const before = events().length;
    for (let index = 0; index < 20; index++) host().expedit.track("share", { index });
    await pass(0);
    expect(events().length - before).toBe(20);
  });

  it("leaves with a beacon when the page is hidden or closed, once", async () => {
    await loadConsented();
    host().expedit.track("share");
    leave();
    expect(batches().map(({ by }) => by)).toEqual(["beacon"]);
    expect(named("share")).toHaveLength(1);
    await pass(5000);
    expect(named("share")).toHaveLength(1);
    expect(sessionStorage.getItem("expedit_queue")).toBeNull();
  });

  it("falls back to a fetch that outlives the page", async () => {
    server.beacon = false;
    await loadConsented();
    host().expedit.track("share");
    leave();
    await pass(0);
    expect(batches().map(({ by, keepalive }) => [by, keepalive])).toEqual([["fetch", true]]);
  });

  it("keeps what could not leave for the next page of the visit", async () => {
    server.batch = "down";
    server.beacon = false;
    await loadConsented();
    host().expedit.track("share");
    leave();
    await pass(0);
    const kept = JSON.parse(sessionStorage.getItem("expedit_queue")!);
    expect(kept.map((one: any) => one.event || one.type)).toContain("share");
    const id = kept.find((one: any) => one.event === "share").messageId;

    server.batch = 200;
    nextPage();
    await load();
    await pass(1000);
    expect(named("share")).toEqual([]); // Not before consent on this page too.
    gtag(...GRANTED);
    await pass(1100);
    expect(named("share").map(({ messageId }) => messageId)).toContain(id);
    expect(sessionStorage.getItem("expedit_queue")).toBeNull();
  });

  it.each([["down" as const], [503], [429]])("tries again after %s, less and less often", async (failure) => {
    server.batch = failure;
    await loadConsented();
    await pass(63_000);
    // At 1 s, then after 2, 4, 8, 16 and 32 s.
    expect(batches()).toHaveLength(6);
    server.batch = 200;
    await pass(61_000);
    expect(batches()).toHaveLength(7);
    const ids = (index: number) => batches()[index]!.body.batch.map((one: any) => one.messageId);
    expect(ids(6)).toEqual(ids(0));
    await pass(120_000);
    expect(batches()).toHaveLength(7);
  });

  it("gives up what the server refuses", async () => {
    server.batch = 400;
    await loadConsented();
    await pass(10_000);
    expect(batches()).toHaveLength(1);
    expect(console.debug).toHaveBeenCalledWith("expedit:", 400);
  });

  it("bounds the queue: the newest 200 stay", async () => {
    await load();
    await pass(100);
    for (let index = 0; index < 300; index++) host().expedit.track("share", { index });
    gtag(...GRANTED);
    await pass(20_000);
    expect(events().length).toBe(200);
    expect(named("share").at(-1).properties.index).toBe(299);
  });

  it("keeps a batch within what browsers carry past the end of a page", async () => {
    await loadConsented();
    for (let index = 0; index < 10; index++) host().expedit.track("share", { text: "å".repeat(8000) });
    leave();
    const sizes = batches().map(({ body }) => new Blob([JSON.stringify(body)]).size);
    expect(Math.max(...sizes)).toBeLessThan(60_000);
    expect(named("share")).toHaveLength(10);
    expect(batches().length).toBeGreaterThan(3);
  });

  it("sends one event that is larger than a batch alone, and goes on", async () => {
    await loadConsented();
    host().expedit.track("share", { text: "x".repeat(100_000) });
    host().expedit.track("login");
    await pass(5000);
    expect(batches().map(({ keepalive }) => keepalive)).toEqual([true, false, true]);
    expect(named("login")).toHaveLength(1);
  });
});

describe("the host page", () => {
  it("never sees an error of ours", async () => {
    const thrown = vi.fn();
    const { process } = globalThis as any;
    process.on("unhandledRejection", thrown);
    vi.stubGlobal("fetch", () => {
      throw new Error("fetch is broken");
    });
    vi.mocked(navigator.sendBeacon).mockImplementation(() => {
      throw new Error("beacon is broken");
    });
    document.body.innerHTML = '<div data-expedit="home"></div>';
    await loadConsented();
    const { expedit } = host();
    const circular: any = {};
    circular.self = circular;
    expect(expedit.track("share", circular)).toBeUndefined();
    expect(expedit.consent(null)).toBeUndefined();
    expect(expedit.push(["nothing"], null, 7)).toBeUndefined();
    expect(await expedit.decide("home")).toEqual([]);
    expedit.on("decision", () => {
      throw new Error("listener");
    });
    history.pushState({}, "", "/next");
    leave();
    await pass(5000);
    process.off("unhandledRejection", thrown);
    expect(thrown).not.toHaveBeenCalled();
    const told = vi.mocked(console.debug).mock.calls.map(([, error]) => String(error));
    expect(told).toContain("Error: fetch is broken");
    expect(new Set(told).size).toBe(told.length);
  });

  it("is told why nothing works without the key", async () => {
    await load({ "data-write-key": "" });
    expect(console.debug).toHaveBeenCalledWith("expedit:", "no writeKey");
    expect(host().expedit).toEqual([]);
  });

  it("reads its settings from its address, where a tag manager cannot set attributes", async () => {
    await load({ "data-write-key": "" }, "?writeKey=wk_gtm&market=NO&endpoint=https%3A%2F%2Fe.shop.se%2Fx%2F&a-b=c");
    await pass(100);
    expect(vi.mocked(console.debug)).not.toHaveBeenCalled();
    const [asked] = server.requests.filter((one) => one.url.startsWith("https://e.shop.se/x/v1/snippet-config"));
    expect(asked!.url).toBe("https://e.shop.se/x/v1/snippet-config?writeKey=wk_gtm");
  });

  it("keeps working when its storage is blocked", async () => {
    for (const area of ["localStorage", "sessionStorage"]) {
      vi.stubGlobal(area, undefined);
      Object.defineProperty(window, area, {
        configurable: true,
        get() {
          throw new Error("blocked");
        },
      });
    }
    await loadConsented({ "data-endpoint": "https://expedit.example" });
    host().expedit.track("share");
    await pass(1000);
    const ids = events().map((one) => one.anonymousId);
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(1);
  });

  it("runs the calls queued before loading, and loads once", async () => {
    const queue: any[] = (host().expedit = []);
    queue.push(["consent", { analytics: true }], ["track", "share", { a: 1 }]);
    await load();
    queue.push(["track", "login"]);
    const track = host().expedit.track;
    await load();
    expect(host().expedit.track).toBe(track);
    await pass(1100);
    expect(events().map((one) => one.event || one.type).sort()).toEqual(["consent", "login", "page", "share"]);
  });

  it("is not counted while only drawn ahead", async () => {
    Object.defineProperty(document, "prerendering", { value: true, configurable: true });
    await loadConsented();
    await pass(2000);
    expect(server.requests).toEqual([]);
    delete (document as any).prerendering;
    document.dispatchEvent(new Event("prerenderingchange"));
    await pass(1100);
    expect(events().filter(({ type }) => type === "page")).toHaveLength(1);
  });
});

describe("a refusal", () => {
  it("is never sent on a page where nothing was allowed", async () => {
    await load();
    host().expedit.track("share");
    gtag(...DENIED);
    host().expedit.track("login");
    await pass(3000);
    leave();
    expect(batches()).toEqual([]);
    gtag(...GRANTED);
    await pass(1100);
    expect(named("share")).toEqual([]);
    expect(named("login")).toEqual([]);
  });
});
