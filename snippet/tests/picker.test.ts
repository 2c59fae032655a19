/** Selectors that a later build of the theme still has, and that find one element. */

import { beforeEach, describe, expect, it } from "vitest";
import { lastingOf, selectorOf } from "../src/picking";

const at = (mark: string) => document.querySelector(`[data-mark="${mark}"]`)!;

beforeEach(() => {
  document.body.innerHTML = `
    <main id="shop">
      <section class="hero css-1x2y3z"><p data-mark="words">Hello</p></section>
      <section class="rows"><div class="row" data-mark="first"></div><div class="row" data-mark="second"></div></section>
      <div id="b-48213" class="product-below sc-abc" data-mark="below"></div>
      <div><span></span><span data-mark="plain"></span></div>
      <ul class="is-open"><li><a data-mark="deep"></a></li><li><a></a></li></ul>
    </main>`;
});

describe("a selector", () => {
  it("is a steady name where there is one", () => {
    expect(selectorOf(document.getElementById("shop")!)).toBe("#shop");
    expect(selectorOf(document.querySelector(".hero")!)).toBe(".hero");
    expect(selectorOf(at("below"))).toBe(".product-below"); // neither the number of an id nor a made-up class
  });

  it("leans on what stands around where it must", () => {
    expect(selectorOf(at("words"))).toBe("p");
    expect(selectorOf(at("second"))).toBe(".rows div:nth-of-type(2)");
  });

  it("is never of what a placement has drawn, but of the placement", () => {
    document.body.innerHTML = `<div data-expedit="home"><section class="expedit"><h2 id="expedit-1">Here</h2></section></div>`;
    expect(selectorOf(lastingOf(document.getElementById("expedit-1")!))).toBe('[data-expedit="home"]');
  });

  it("finds exactly its element, whatever the page is like", () => {
    for (const element of document.querySelectorAll("body *")) {
      const found = document.querySelectorAll(selectorOf(element));
      expect([found.length, found[0]]).toEqual([1, element]);
    }
  });
});
