import { describe, expect, it, vi } from "vitest";
import { decides, giving, host, item, load, loadConsented, named, batches, pass, see, server } from "./page";

const place = (attributes = "", name = "home") => {
  document.body.innerHTML = `<div data-expedit="${name}" ${attributes}></div>`;
};
const spot = () => document.querySelector<HTMLElement>("[data-expedit]")!;

/** Pretend a layout, which the test's DOM has not. */
const measure = (top: number, height: number) => {
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(height);
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue({ top } as DOMRect);
};

describe("placements", () => {
  it("are all asked for in one request, with what their attributes say", async () => {
    document.body.innerHTML =
      '<div data-expedit="home"></div>' +
      '<div data-expedit="similar" data-limit="6" data-product="J1, J2" data-category="Jackor > Skal" data-query="x"></div>';
    await load({ "data-market": "SE" });
    await pass(100);
    expect(decides()).toHaveLength(1);
    const { body } = decides()[0]!;
    expect(body.writeKey).toBe("wk");
    expect(body.context.market).toBe("SE");
    expect(body.placements).toEqual([
      { placement: "home", context: {} },
      {
        placement: "similar",
        limit: 6,
        context: { productIds: ["J1", "J2"], category: "Jackor > Skal", query: "x" },
      },
    ]);
  });

  it("tell in words what others think, and nothing where there is nothing to tell", async () => {
    const rating = { value: "4.6", best: 5, count: 212, text: "4,6 av 5 (212 omdömen)" };
    const proof = { kind: "bought", people: 14, days: 7, text: "14 har köpt de senaste 7 dagarna" };
    server.decide = giving(item("1", { rating, proof }), item("2", { reason: { code: "new", text: "" } }));
    place();
    await load();
    await pass(100);
    const [first, second] = Array.from(spot().querySelectorAll("li"));
    const said = (card: Element) => Array.from(card.querySelectorAll("span")).slice(2).map((one) => [one.className, one.textContent]);
    expect(said(first!)).toEqual([
      ["expedit-rating", "4,6 av 5 (212 omdömen)"],
      ["expedit-proof", "14 har köpt de senaste 7 dagarna"],
      ["expedit-reason", "Like what you looked at"],
    ]);
    expect(said(second!)).toEqual([]);
  });

  it("leave out a reason of a template that says nothing", async () => {
    server.decide = giving(item("1", { reason: { code: "new", text: "" } }));
    place();
    document.body.insertAdjacentHTML(
      "beforeend",
      '<template data-expedit-template="default"><i>{{title}}{{reason}}{{constructor}}{{__proto__}}</i><em data-if="reason">{{reason}}</em></template>',
    );
    await load();
    await pass(100);
    const card = spot().querySelector("li")!;
    expect(card.textContent).toBe("Jacket 1");
    expect(card.querySelector("em")).toBeNull();
  });

  it("are drawn so that everyone can read them", async () => {
    server.decide = giving(
      item("1", { salePrice: "999.50", priorPrice: "1099.00", badge: "New" }),
      item("2", { imageUrl: "", reason: { code: "new", text: "" } }),
    );
    place();
    await load();
    await pass(100);
    const section = spot().querySelector("section")!;
    const heading = document.getElementById(section.getAttribute("aria-labelledby")!)!;
    expect([heading.tagName, heading.textContent]).toEqual(["H2", "Title of home"]);
    expect(section.querySelector("ul")!.getAttribute("role")).toBe("list");
    const [first, second] = Array.from(section.querySelectorAll("li"));
    const image = first!.querySelector("img")!;
    expect(["src", "alt", "width", "height", "loading"].map((name) => image.getAttribute(name))).toEqual([
      "/i/1.webp", "", "400", "500", "lazy",
    ]);
    const texts = (card: Element) =>
      Array.from(card.querySelectorAll("span")).map((one) => [one.className, one.textContent!.replace(/\s/g, " ")]);
    expect(first!.querySelector("a")!.getAttribute("href")).toBe("/p/1");
    expect(texts(first!)).toEqual([
      ["expedit-badge", "New"],
      ["expedit-title", "Jacket 1"],
      ["expedit-price expedit-sale", "999,50 kr"],
      ["expedit-prior", "Lägsta pris, 30 dagar: 1 099 kr"],
      ["expedit-reason", "Like what you looked at"],
    ]);
    expect(texts(second!)).toEqual([["expedit-title", "Jacket 2"], ["expedit-price", "1 499 kr"]]);
    expect(second!.querySelector("img")).toBeNull();
    expect(spot().hasAttribute("aria-busy")).toBe(false);
  });

  it.each([
    ["nb-NO", "Laveste pris, 30 dager: "], ["no", "Laveste pris, 30 dager: "], ["en-GB", "Lowest price, 30 days: "],
  ])("say the prior price in %s", async (locale, words) => {
    server.decide = giving(item("1", { salePrice: "9.00", priorPrice: "10.00", currency: "not a currency" }));
    place();
    await load({ "data-locale": locale });
    await pass(100);
    expect(spot().querySelector(".expedit-prior")!.textContent).toBe(`${words}10.00 not a currency`);
  });

  it("show no prior price without a reduction, and no reduction without its prior price", async () => {
    server.decide = giving(item("1", { priorPrice: "10.00" }), item("2", { salePrice: "9.00" }));
    place();
    await load();
    await pass(100);
    expect(spot().querySelector(".expedit-prior")).toBeNull();
    expect(spot().textContent).not.toContain("1 499 kr1 499");
  });

  it("never turn text into markup or links into scripts", async () => {
    const evil = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    server.decide = (body) =>
      giving(
        item("1", {
          title: evil,
          url: "javascript:window.hacked=1",
          imageUrl: "data:text/html,x",
          reason: { code: "x", text: evil },
          badge: evil,
        }),
        item("2", { url: " java\tscript:alert(1)" }),
      )(body).map((one) => ({ ...one, title: evil }));
    place();
    await load();
    await pass(100);
    expect(spot().querySelectorAll("script, img[src=x]")).toHaveLength(0);
    expect(spot().querySelector("h2")!.textContent).toBe(evil);
    expect(Array.from(spot().querySelectorAll("a"), (link) => link.getAttribute("href"))).toEqual([null, null]);
    expect(host().hacked).toBeUndefined();
  });

  it("are asked for again after navigation, identification and refresh, and drawn anew", async () => {
    server.decide = giving(item("1"));
    place();
    await loadConsented();
    expect(decides()).toHaveLength(1);
    history.pushState({}, "", "/next");
    await pass(100);
    host().expedit.identify("u", {}, "h");
    host().expedit.refresh();
    await pass(100);
    expect(decides()).toHaveLength(3);
    expect(spot().querySelectorAll("section")).toHaveLength(1);
  });

  it("that a framework draws later are found", async () => {
    server.decide = giving(item("1"));
    place();
    await load();
    await pass(100);
    document.body.insertAdjacentHTML("beforeend", '<div data-expedit="late"></div>');
    await pass(100);
    expect(decides().map(({ body }) => body.placements.map((one: any) => one.placement))).toEqual([["home"], ["late"]]);
    await pass(1000);
    expect(decides()).toHaveLength(2);
  });

  it("keep what the page had put there when the server fails", async () => {
    server.decideStatus = 500;
    document.body.innerHTML = '<div data-expedit="home"><p>Our favorites</p></div>';
    await load();
    await pass(100);
    expect(spot().innerHTML).toBe("<p>Our favorites</p>");
    expect(spot().hasAttribute("aria-busy")).toBe(false);
  });

  it.each([[100, "flow-root"], [900, "none"]])("without an answer give their space back only out of sight (top %d)", async (top, display) => {
    measure(top, 400);
    server.decide = giving();
    place();
    await load();
    await pass(100);
    expect(spot().style.display).toBe(display);
    // Out of sight or not: what is still empty does not come back.
    vi.mocked(Element.prototype.getBoundingClientRect).mockReturnValue({ top: 0 } as DOMRect);
    host().expedit.refresh();
    await pass(100);
    expect(spot().style.display).toBe(display);
    server.decide = giving(item("1"));
    host().expedit.refresh();
    await pass(100);
    expect(spot().style.display).toBe("flow-root");
  });

  it("hold their height while their content changes", async () => {
    measure(100, 400);
    server.decide = giving(item("1"));
    place();
    await load();
    await pass(100);
    expect(spot().style.minHeight).toBe("");
    host().expedit.refresh();
    await pass(100);
    expect(spot().style.minHeight).toBe("400px");
  });
});

describe("placements by selector", () => {
  it.each([
    ["before", "<h1>Shop</h1><div></div><p>x</p>"],
    ["after", "<h1>Shop</h1><p>x</p><div></div>"],
    ["append", "<h1>Shop</h1><p>x<div></div></p>"],
    ["prepend", "<h1>Shop</h1><p><div></div>x</p>"],
  ])("stand %s", async (position, expected) => {
    document.body.innerHTML = "<h1>Shop</h1><p>x</p>";
    server.spots = [{ name: "home", selector: "p", position, pageTypes: [] }];
    server.decide = giving();
    await load();
    await pass(100);
    expect(document.body.innerHTML.replace(/<div[^>]*>/g, "<div>")).toBe(expected);
    expect(spot().dataset.expedit).toBe("home");
  });

  it("replace the theme's own only when there is something to show", async () => {
    document.body.innerHTML = '<p id="theme">Bestsellers</p>';
    const theme = document.getElementById("theme")!;
    server.spots = [{ name: "home", selector: "#theme", position: "replace", pageTypes: [] }];
    server.decide = giving();
    await load();
    await pass(100);
    expect([theme.style.display, spot().style.display]).toEqual(["", "none"]);
    measure(0, 320);
    server.decide = giving(item("1"));
    host().expedit.refresh();
    await pass(100);
    expect([theme.style.display, spot().style.display, spot().style.minHeight]).toEqual([
      "none",
      "flow-root",
      "320px",
    ]);
    expect(theme.isConnected).toBe(true);
    server.decide = giving();
    host().expedit.refresh();
    await pass(100);
    expect([theme.style.display, spot().style.display]).toEqual(["", "none"]);
  });

  it.each([
    ["/", true], ["/se/", true], ["/SE", true], ["/sv/", true], ["/sv/jackor", false], ["/om", false],
  ])("know the shop's first page, in any market and language: %s", async (path, home) => {
    (window as any).happyDOM.setURL(`https://www.shop.se${path}`);
    document.body.innerHTML = "<main></main>";
    server.spots = [{ name: "home", selector: "main", position: "append", pageTypes: ["home"] }];
    await load({ "data-market": "SE" });
    await pass(100);
    expect(!!spot()).toBe(home);
  });

  it("stand only on their types of page, once, and wrong selectors hurt nobody", async () => {
    document.body.innerHTML = '<main></main><div data-expedit="own"></div>';
    server.spots = [
      { name: "broken", selector: "[[", position: "after", pageTypes: [] },
      { name: "absent", selector: "#absent", position: "after", pageTypes: [] },
      { name: "own", selector: "main", position: "append", pageTypes: [] },
      { name: "home-only", selector: "main", position: "append", pageTypes: ["home"] },
      { name: "cart-only", selector: "main", position: "append", pageTypes: ["cart"] },
      { name: "anywhere", selector: "main", position: "append", pageTypes: [] },
    ];
    await load();
    await pass(100);
    const names = Array.from(document.querySelectorAll<HTMLElement>("[data-expedit]"), (one) => one.dataset.expedit);
    expect(names).toEqual(["home-only", "anywhere", "own"]);
    expect(server.requests.filter(({ url }) => url.includes("snippet-config")).map(({ url }) => url)).toEqual([
      "https://e.shop.se/v1/snippet-config?writeKey=wk",
    ]);
  });
});

describe("templates", () => {
  const template = (inner: string, name = "default") => {
    place();
    document.body.insertAdjacentHTML("beforeend", `<template data-expedit-template="${name}">${inner}</template>`);
  };

  it("fill their slots with text, and drop what has a condition and nothing to say", async () => {
    template(
      '<a class="card {{badge}}" href="{{url}}"><b>{{title}} · {{ price }}</b><i data-if="badge">{{badge}}</i>' +
        '<s data-if="priorPrice">{{priorPrice}}</s><u>{{constructor}}{{nothing}}</u>' +
        '<em data-if="rating">{{rating}}</em><em data-if="proof">{{proof}}, {{reason}}</em></a>',
    );
    const proof = { kind: "bought", people: 14, days: 7, text: "14 bought in the last 7 days" };
    server.decide = giving(item("1", { title: "<b>Jacket</b>", salePrice: "999.00", priorPrice: "1099.00", proof }));
    await load();
    await pass(100);
    const card = spot().querySelector("li")!;
    expect(card.innerHTML.replace(/&nbsp;|\s/g, " ")).toBe(
      '<a class="card " href="/p/1"><b>&lt;b&gt;Jacket&lt;/b&gt; · 999 kr</b><s data-if="priorPrice">1 099 kr</s><u></u>' +
        '<em data-if="proof">14 bought in the last 7 days, Like what you looked at</em></a>',
    );
  });

  it("of a placement win over the default", async () => {
    template("default {{id}}");
    document.body.insertAdjacentHTML("beforeend", '<template data-expedit-template="home">home {{id}}</template>');
    server.decide = giving(item("1"));
    await load();
    await pass(100);
    expect(spot().querySelector("li")!.textContent).toBe("home 1");
  });

  it("that a placement names win over the default, where the page has them", async () => {
    template("default {{id}}");
    template("big {{id}}", "big");
    const answer = giving(item("1"));
    server.decide = (body) => answer(body).map((one) => ({ ...one, template: "big" }));
    await load();
    await pass(100);
    expect(spot().querySelector("li")!.textContent).toBe("big 1");
  });

  it("let no slot become code", async () => {
    template(
      '<a href="javascript:{{title}}" onclick="{{title}}" style="{{title}}" title="{{title}}">x</a>' +
        '<a href="{{title}}">y</a><object data="{{title}}"></object><script>{{title}}</' +
        'script><style>{{title}}</style><p onclick="own()">z</p>',
    );
    server.decide = giving(item("1", { title: "javascript:alert(1)" }));
    await load();
    await pass(100);
    expect(spot().querySelector("li")!.innerHTML).toBe(
      '<a title="javascript:alert(1)">x</a><a>y</a><object></object><p onclick="own()">z</p>',
    );
  });

  it("can be functions, and one that fails falls back to ours", async () => {
    server.decide = giving(item("1"), item("2"));
    place();
    (host().expedit = []).push([
      "template",
      "home",
      ({ id }: any, { placement }: any) => {
        if (id === "2") throw new Error("template");
        return `<b>${placement} ${id}</b>`;
      },
    ] as never);
    await load();
    await pass(100);
    const [first, second] = Array.from(spot().querySelectorAll("li"));
    expect(first!.innerHTML).toBe("&lt;b&gt;home 1&lt;/b&gt;");
    expect(second!.querySelector(".expedit-title")!.textContent).toBe("Jacket 2");
  });
});

describe("exposure", () => {
  const start = async () => {
    server.decide = giving(item("1"), item("2"), item("3"));
    place();
    await loadConsented();
    await pass(1000);
  };
  const impressions = () => named("impression").map(({ properties }) => properties);

  it("is reported when half of a card was in view for a second, once, together", async () => {
    await start();
    see("li:nth-child(1), li:nth-child(2)", 0.5);
    see("li:nth-child(3)", 0.49);
    await pass(999);
    expect(named("impression")).toEqual([]);
    await pass(2000);
    expect(impressions()).toEqual([
      {
        decisionId: "d0",
        placement: "home",
        products: [
          { product_id: "1", position: 1 },
          { product_id: "2", position: 2 },
        ],
      },
    ]);
    see("li", 0);
    see("li", 1);
    await pass(3000);
    expect(impressions().slice(1).map(({ products }) => products)).toEqual([[{ product_id: "3", position: 3 }]]);
  });

  it("does not count a glance, nor a hidden tab", async () => {
    await start();
    see("li:nth-child(1)", 1);
    await pass(900);
    see("li:nth-child(1)", 0.1);
    await pass(5000);
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    see("li:nth-child(2)", 1);
    await pass(5000);
    expect(impressions()).toEqual([]);
    delete (document as any).hidden;
    await pass(3000);
    expect(impressions()).toHaveLength(1);
  });

  it("reports a click before the page is left, even one that the page stops", async () => {
    await start();
    const link = spot().querySelectorAll("a")[1]!;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
    });
    const before = batches().length;
    link.querySelector("img")!.click();
    expect(batches().slice(before).map(({ by }) => by)).toEqual(["beacon"]);
    expect(named("click").map(({ properties }) => properties)).toEqual([
      { decisionId: "d0", placement: "home", products: [{ product_id: "2", position: 2 }] },
    ]);
    link.dispatchEvent(new MouseEvent("auxclick", { button: 1, bubbles: true }));
    link.dispatchEvent(new MouseEvent("auxclick", { button: 2, bubbles: true }));
    spot().querySelector("li")!.click();
    expect(named("click")).toHaveLength(2);
  });
});

describe("the page's own rendering", () => {
  it("gets decisions and can have them watched", async () => {
    server.decide = giving(item("1"));
    await loadConsented();
    const [decision] = await host().expedit.decide({ placement: "mine", limit: 2 }, { productIds: ["J1"] });
    expect(decision).toMatchObject({ placement: "mine", items: [{ id: "1" }] });
    expect(decides()[0]!.body).toMatchObject({
      placements: [{ placement: "mine", limit: 2 }],
      context: { productIds: ["J1"], url: "https://www.shop.se/" },
    });
    expect((await host().expedit.decide(["a", "b"])).map((one: any) => one.placement)).toEqual(["a", "b"]);
    document.body.innerHTML = '<article id="mine">x</article>';
    host().expedit.watch(decision, [document.getElementById("mine")]);
    see("#mine", 1);
    await pass(3000);
    expect(named("impression")[0].properties.placement).toBe("mine");
  });

  it("hears of every decision drawn", async () => {
    server.decide = giving(item("1"));
    place();
    const heard = vi.fn();
    await load();
    host().expedit.on("decision", () => {
      throw new Error("its own");
    });
    host().expedit.on("decision", heard);
    await pass(100);
    expect(heard.mock.calls.map(([decision, element]) => [decision.decisionId, element])).toEqual([["d0", spot()]]);
  });
});
