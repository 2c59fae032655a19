import { describe, expect, it, vi } from "vitest";
import { GRANTED, events, gtag, host, load, loadConsented, named, pass } from "./page";

const jacket = { item_id: "J1", item_name: "Jacket", price: 1499 };

describe("the dataLayer", () => {
  it("is read from its beginning, before and after loading", async () => {
    host().dataLayer = [
      { "gtm.start": 1, event: "gtm.js" },
      { ecommerce: null },
      { event: "view_item", ecommerce: { currency: "SEK", value: 1499, items: [jacket] } },
    ];
    await loadConsented();
    host().dataLayer.push({ event: "add_to_cart", ecommerce: { currency: "SEK", items: [jacket] } });
    await pass(1000);
    expect(named("view_item").map(({ properties }) => properties)).toEqual([
      { currency: "SEK", value: 1499, items: [jacket] },
    ]);
    expect(named("add_to_cart").map(({ properties }) => properties.items)).toEqual([[jacket]]);
    expect(events().map((one) => one.type).sort()).toEqual(["page", "track", "track", "track"]);
  });

  it("creates one for pages that fill it later", async () => {
    await load();
    gtag(...GRANTED);
    gtag("event", "search", { search_term: "shell jacket" });
    await pass(1100);
    expect(named("search")[0].properties).toEqual({ search_term: "shell jacket" });
  });

  it("reads gtag() arguments without the mail address beside them", async () => {
    await loadConsented();
    gtag("event", "purchase", { transaction_id: "T1", items: [jacket], user_data: { email: "a@b.se" } });
    await pass(1000);
    expect(named("purchase")[0].properties).toEqual({ transaction_id: "T1", items: [jacket] });
  });

  it("joins ecommerce pushed before its event, and never lends it to the next", async () => {
    await loadConsented();
    const layer = host().dataLayer;
    layer.push({ ecommerce: { currency: "NOK" } }, { ecommerce: { items: [jacket] } }, { event: "view_item" });
    layer.push({ event: "search", search_term: "wool", email: "a@b.se" });
    layer.push({ ecommerce: { items: [jacket] } }, { ecommerce: null }, { event: "view_cart" });
    await pass(1000);
    expect(named("view_item")[0].properties).toEqual({ currency: "NOK", items: [jacket] });
    expect(named("search")[0].properties).toEqual({ search_term: "wool" });
    expect(named("view_cart")[0].properties).toEqual({});
  });

  it("ignores what means nothing to it", async () => {
    await loadConsented();
    const layer = host().dataLayer;
    layer.push({ event: "page_view" }, { event: "cookie_banner_opened" }, "text", 7, null, undefined, () => 1, []);
    gtag("config", "G-1");
    gtag("event", "scroll", {});
    await pass(1000);
    expect(events().filter(({ event }) => event !== "consent").map(({ type }) => type)).toEqual(["page"]);
  });

  it("leaves the page's own push working, its result and its errors too", async () => {
    const seen: unknown[] = [];
    const layer: any = [];
    layer.push = (...entries: any[]) => {
      if (entries[0].boom) throw new Error("the page's own");
      seen.push(...entries);
      return 42;
    };
    host().dataLayer = layer;
    await load();
    expect(layer.push({ event: "x" })).toBe(42);
    expect(seen).toEqual([{ event: "x" }]);
    expect(() => layer.push({ boom: true })).toThrow("the page's own");
  });

  it("keeps what a push said when the page changes the object afterwards", async () => {
    await loadConsented();
    const items = [{ ...jacket }];
    gtag("event", "view_item", { items });
    items[0]!.item_id = "changed";
    await pass(1000);
    expect(named("view_item")[0].properties.items[0].item_id).toBe("J1");
    expect(vi.mocked(console.debug)).not.toHaveBeenCalled();
  });
});
