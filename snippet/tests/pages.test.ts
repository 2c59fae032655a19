import { describe, expect, it } from "vitest";
import { decides, events, gtag, host, load, loadConsented, named, pass } from "./page";

const views = () =>
  events()
    .filter(({ type }) => type === "page")
    .map(({ context }) => [context.page.url, context.page.referrer, context.page.title]);

const go = async (path: string, title = path) => {
  history.pushState({}, "", path);
  document.title = title;
  await pass(100);
};

describe("page views", () => {
  it("follow the history of a single-page app, with the title that the router sets afterwards", async () => {
    await loadConsented();
    await go("/jackets", "Jackets");
    await go("/p/J1", "A jacket");
    await pass(1000);
    expect(views()).toEqual([
      ["https://www.shop.se/", "", "Shop"],
      ["https://www.shop.se/jackets", "https://www.shop.se/", "Jackets"],
      ["https://www.shop.se/p/J1", "https://www.shop.se/jackets", "A jacket"],
    ]);
  });

  it("count no address twice, nor a fragment, but a route behind a fragment", async () => {
    await loadConsented();
    await go("/", "Shop");
    history.replaceState({ scroll: 1 }, "", "/");
    await go("/#token=secret");
    host().expedit.page();
    await go("/#/cart");
    await pass(1000);
    expect(views().map(([url]) => url)).toEqual(["https://www.shop.se/", "https://www.shop.se/#/cart"]);
    expect(JSON.stringify(events())).not.toContain("secret");
  });

  it("count going back", async () => {
    await loadConsented();
    await go("/a");
    (window as any).happyDOM.setURL("https://www.shop.se/");
    window.dispatchEvent(new PopStateEvent("popstate"));
    await pass(1100);
    expect(views().map(([url]) => new URL(url as string).pathname)).toEqual(["/", "/a", "/"]);
  });

  it("count a page that the browser brings back as it was", async () => {
    document.body.innerHTML = '<div data-expedit="home"></div>';
    await loadConsented();
    const asked = decides().length;
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    await pass(1100);
    expect(views()).toHaveLength(2);
    expect(decides().length - asked).toBe(1);
  });

  it("leave the router's own result and errors alone", async () => {
    await loadConsented();
    expect(() => history.pushState({ f: () => 1 }, "", "https://elsewhere.example/")).toThrow();
    expect(views()).toEqual([]);
  });
});

describe("what a page is about", () => {
  const context = async () => {
    await pass(100);
    await host().expedit.decide("x");
    return decides().at(-1)!.body.context;
  };
  const items = (...ids: string[]) => ({ items: ids.map((item_id) => ({ item_id })) });

  it("comes from its events", async () => {
    await load();
    gtag("event", "view_item_list", items("A", "B"));
    gtag("event", "view_item", items("J1"));
    expect((await context()).productIds).toEqual(["J1"]);
    history.pushState({}, "", "/search");
    gtag("event", "search", { search_term: "wool" });
    const { productIds, query } = await context();
    expect([productIds, query]).toEqual([undefined, "wool"]);
  });

  it("holds the cart and the products seen in this visit, without consent in memory alone", async () => {
    await load();
    gtag("event", "view_item", items("J1"));
    gtag("event", "view_item", items("J2"));
    gtag("event", "view_item", items("J1"));
    gtag("event", "add_to_cart", items("C1"));
    gtag("event", "add_to_cart", items("C2"));
    gtag("event", "remove_from_cart", items("C1"));
    gtag("event", "add_to_wishlist", items("W1"));
    expect(await context()).toMatchObject({ cart: ["C2"], sessionProducts: ["J2", "J1", "C1", "C2"] });
    gtag("event", "view_cart", items("C3", "C4"));
    expect((await context()).cart).toEqual(["C3", "C4"]);
    gtag("event", "purchase", { transaction_id: "1", ...items("C3") });
    expect((await context()).cart).toBeUndefined();
    host().expedit.reset();
    expect((await context()).sessionProducts).toBeUndefined();
  });

  it("is a product even at the root of the shop, and stays what it was when something is added", async () => {
    await load();
    gtag("event", "view_item", items("J1"));
    gtag("event", "view_item_list", items("A"));
    gtag("event", "view_item", items("quick view"));
    expect((await context()).productIds).toEqual(["J1"]);
  });

  it("leaves memory to the server once personalization is allowed", async () => {
    await loadConsented();
    gtag("event", "view_item", items("J1"));
    expect((await context()).sessionProducts).toBeUndefined();
  });

  it("asks again when a late event says what the page is about", async () => {
    document.body.innerHTML = '<div data-expedit="product-similar"></div>';
    (window as any).happyDOM.setURL("https://www.shop.se/p/J1");
    await loadConsented();
    expect(decides()).toHaveLength(1);
    gtag("event", "view_item", items("J1"));
    gtag("event", "view_item", items("quick view"));
    await pass(100);
    expect(decides().map(({ body }) => body.context.productIds)).toEqual([undefined, ["J1"]]);
    expect(named("view_item")).toEqual([]);
  });
});
