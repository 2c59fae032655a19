import assert from "node:assert/strict";
import { test } from "node:test";

import { narrowed } from "../src/ranking";

const FIELDS = [
  "Title",
  "Product of the page",
  "Page's product: title",
  "Page's product: list price",
  "Page's product: price now",
  "List price",
  "Price",
  "Price band",
  "Færdig størrelse",
].map((label) => ({ value: label, label }));

const found = (typed: string): string[] => narrowed(FIELDS, typed).map((one) => one.label);

test("what begins with all that is typed stands before what only holds its words", () => {
  const [title, list, price] = FIELDS.slice(2, 5).map((one) => one.label);
  assert.deepEqual(found("page's product: pr"), [price, list, title]);
});

test("a field stands first under its own name, and what stands after the colon is a name", () => {
  assert.deepEqual(found("price band"), ["Price band"]);
  assert.deepEqual(found("price"), ["Price", "Page's product: price now", "Price band", "Page's product: list price", "List price"]);
});

test("every word typed begins a word of its own", () => {
  assert.deepEqual(found("product pr"), [
    "Page's product: list price",
    "Page's product: price now",
    "Product of the page",
    "Page's product: title",
  ]);
});

test("part of a word is found as well, last", () => {
  assert.deepEqual(found("an"), ["Price band"]);
  assert.deepEqual(found("it"), ["Title", "Page's product: title"]);
});

test("accents are no matter, and neither are case and spaces", () => {
  assert.deepEqual(found("  FAER  storr "), ["Færdig størrelse"]);
});

test("a note is searched, but no note stands before a label", () => {
  const options = [
    { value: 1, label: "Unknown", note: "price" },
    { value: 2, label: "Reprice" },
    { value: 3, label: "Price" },
  ];
  assert.deepEqual(narrowed(options, "price").map((one) => one.value), [3, 1, 2]);
});

test("nothing typed leaves all as they are, and what nothing fits leaves none", () => {
  assert.deepEqual(narrowed(FIELDS, "  "), FIELDS);
  assert.deepEqual(found("zebra"), []);
});
