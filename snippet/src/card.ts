/** Draws decisions: an accessible section of our own around cards that the page may draw its own way. */

import { guard } from "./guard";
import type { Decision, Item, Properties, Template } from "./types";

/** The words before the lowest price before a reduction, which EU law wants beside it (98/6/EC art. 6a). */
const priorWords = (locale: string) =>
  /^sv/.test(locale)
    ? "Lägsta pris, 30 dagar: "
    : /^n[bno]/.test(locale)
      ? "Laveste pris, 30 dager: "
      : "Lowest price, 30 days: ";

const templates: Record<string, Template> = {};
let headings = 0;

/** Draw the cards of a placement (`default`: of every placement) with a function. */
export const setTemplate = (name: string, draw: Template) => {
  templates[name] = draw;
};

/** The address if it is relative or http(s), else nothing: a link must not run a script. */
export function safeUrl(address: string): string {
  try {
    return /^http/.test(new URL(address, location.href).protocol) ? address : "";
  } catch {
    return "";
  }
}

export function formatPrice(amount: string, currency: string, locale: string): string {
  try {
    const format = { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" } as const;
    return new Intl.NumberFormat(locale, format as Intl.NumberFormatOptions).format(+amount);
  } catch {
    return `${amount} ${currency}`; // An unknown locale or currency still has a price.
  }
}

type Said = { text?: string };
/** What `{{…}}` may name: an item's fields, ready to be read or followed; reason, rating and proof by their text. */
type Slots = Record<string, string | undefined>;

function slotsOf(item: Item, locale: string): Slots {
  const price = (amount: string | null | undefined) => amount && formatPrice(amount, item.currency, locale);
  const { salePrice, reason, rating = {} as Said, proof = {} as Said } = item;
  // Without a prototype, so that {{constructor}} names nothing.
  return {
    __proto__: null,
    ...item,
    url: safeUrl(item.url),
    imageUrl: safeUrl(item.imageUrl),
    price: price(salePrice || item.price),
    listPrice: price(item.price),
    salePrice: price(salePrice),
    priorPrice: salePrice && price(item.priorPrice),
    reason: reason.text,
    rating: rating.text,
    proof: proof.text,
  } as object as Slots;
}

/** An element; text stays text, what is empty is left out. */
export function make(tag: string, attributes: Properties, ...children: (Node | string | undefined)[]) {
  const element = document.createElement(tag);
  for (const name in attributes) {
    if (attributes[name] != null) element.setAttribute(name, attributes[name] as string);
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

function drawCard(slots: Slots, locale: string): Node {
  const line = (name: string, text = slots[name]) => text && make("span", { class: "expedit-" + name }, text);
  return make(
    "a",
    { class: "expedit-link", href: slots.url || null },
    // The name stands beside the picture in the same link: a filled alt would be read twice.
    slots.imageUrl && make("img", { src: slots.imageUrl, alt: "", width: 400, height: 500, loading: "lazy" }),
    line("badge"),
    line("title"),
    line("price" + (slots.salePrice ? " expedit-sale" : ""), slots.price),
    line("prior", slots.priorPrice && priorWords(locale) + slots.priorPrice),
    line("rating"),
    line("proof"),
    line("reason"),
  );
}

const fill = (text: string, slots: Slots) =>
  text.replace(/{{\s*(\w+)\s*}}/g, (_, slot) => slots[slot] || "");

/** Fill a template's inert copy. An attribute where text could become code loses its slot, and itself. */
function fillNode(node: Element, slots: Slots): void {
  if (node.nodeType === 3) node.nodeValue = fill(node.nodeValue!, slots);
  for (const { name, value } of [...(node.attributes || [])]) {
    const text = fill(value, slots);
    if (text === value) continue;
    const link = /^(href|src)$/.test(name);
    if (link ? safeUrl(text) : /^(alt|title|class|id|aria-|data-)/.test(name)) {
      node.setAttribute(name, text);
    } else {
      node.removeAttribute(name);
    }
  }
  for (const child of [...node.childNodes] as Element[]) {
    const condition = child.nodeType === 1 && child.getAttribute("data-if");
    if (/^(script|style)$/i.test(child.nodeName) || (condition && !slots[condition])) {
      child.remove();
    } else {
      fillNode(child, slots);
    }
  }
}

function drawOwn(item: Item, decision: Decision, slots: Slots): Node | string | undefined {
  for (const name of [decision.placement, decision.template!, "default"]) {
    const draw = templates[name];
    if (draw) return draw(item, decision);
    const template = document.querySelector<HTMLTemplateElement>(
      `template[data-expedit-template="${name}"]`,
    );
    if (template) {
      const copy = template.content.cloneNode(true) as Element;
      fillNode(copy, slots);
      return copy;
    }
  }
  return undefined;
}

/** The section of a decision, and its cards in the order of the items. */
export function draw(decision: Decision, locale: string): { section: Element; cards: Element[] } {
  const own = guard(drawOwn);
  const cards = decision.items.map((item) => {
    const slots = slotsOf(item, locale);
    return make("li", { class: "expedit-item" }, own(item, decision, slots) || drawCard(slots, locale));
  });
  const id = `expedit-${++headings}`;
  const section = make(
    "section",
    { class: "expedit", "aria-labelledby": id },
    make("h2", { class: "expedit-heading", id }, decision.title),
    // Browsers forget that a list without bullets is a list unless its role says so.
    make("ul", { class: "expedit-items", role: "list" }, ...cards),
  );
  return { section, cards };
}
