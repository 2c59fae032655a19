/** Fills the page's placements: finds them, asks for all at once, draws the answers without moving the page. */

import { draw } from "./card";
import { known } from "./consent";
import { post } from "./delivery";
import { watch } from "./exposure";
import { guard, listen, report } from "./guard";
import { pageUrl } from "./pages";
import { asker } from "./person";
import { endpoint, locale, market, writeKey } from "./settings";
import type { Decision, PlacementRequest, Properties, Spot } from "./types";
import { pageContext, pageType } from "./visit";

type Listener = (decision: Decision, element: Element) => void;

const SETTLE = 50; // ms for a framework to finish drawing

const asked = new WeakSet<Element>();
/** What of the theme a placement stands in for. */
const instead = new WeakMap<Element, HTMLElement>();
export const listeners: Listener[] = [];
let spots: readonly Spot[] = [];
let timer = 0;
export let patience = 0;
let started = false;
let round = 0;

/** Ask the server for decisions; one that does not answer has none. */
export async function decide(
  requests: string | PlacementRequest | (string | PlacementRequest)[],
  context?: Properties,
): Promise<Decision[]> {
  try {
    const personal = !!known.personalization;
    const answer = await post(
      "/v1/decide",
      {
        writeKey,
        ...(personal && asker()),
        placements: ([] as (string | PlacementRequest)[])
          .concat(requests)
          .map((one) => ((one as PlacementRequest).placement ? one : { placement: one })),
        context: { market, locale, url: pageUrl(), ...pageContext(!personal), ...context },
        consent: known,
      },
      personal,
    );
    if (!answer.ok) throw await answer.text();
    return (await answer.json()).decisions;
  } catch (error) {
    report(error);
    return [];
  }
}

/** Put a placement where the shop's configuration wants it. */
const insert = guard(({ name, selector, position, pageTypes }: Spot) => {
  if (pageTypes[0] && !pageTypes.includes(pageType!)) return;
  const target = document.querySelector<HTMLElement>(selector);
  if (!target || document.querySelector(`[data-expedit="${name}"]`)) return;
  const element = document.createElement("div");
  element.dataset.expedit = name;
  if (position === "replace") {
    // The theme's own stays until there is an answer, and stays in the document: a framework may own it.
    element.style.display = "none";
    instead.set(element, target);
  }
  target[position === "replace" ? "after" : position](element);
});

function requestOf({ dataset }: HTMLElement): PlacementRequest {
  const { expedit, limit, product, category, query } = dataset;
  return {
    placement: expedit!,
    limit: limit ? +limit : undefined,
    context: { productIds: product && product.split(/, */), category, query },
  };
}

const show = guard((element: HTMLElement, decision: Decision | undefined) => {
  element.removeAttribute("aria-busy");
  if (!decision) return;
  const full = decision.items.length;
  const original = instead.get(element);
  const height = (original || element).offsetHeight;
  // What follows must stay where it is: the space held so far is kept.
  if (height && (original || element.firstChild)) element.style.minHeight = `${height}px`;
  element.textContent = "";
  // An empty placement gives its space back where nobody sees it go; a full one keeps its heading's margin inside.
  const { style } = element;
  const stays = !original && style.display !== "none" && element.getBoundingClientRect().top < innerHeight;
  style.display = full || stays ? "flow-root" : "none";
  if (original) original.style.display = full ? "none" : "";
  if (full) {
    const { section, cards } = draw(decision, locale);
    element.append(section);
    watch(decision, cards);
  }
  for (const listener of listeners) guard(listener)(decision, element);
});

const scan = guard((everything: boolean) => {
  spots.forEach(insert);
  const wanted = [...document.querySelectorAll<HTMLElement>("[data-expedit]")].filter(
    (element) => everything || !asked.has(element),
  );
  if (!wanted[0]) return;
  const current = round;
  for (const element of wanted) {
    asked.add(element);
    element.setAttribute("aria-busy", "true");
  }
  decide(wanted.map(requestOf)).then((decisions) => {
    // An answer from before a change of consent, person or page must not be shown after it.
    if (current === round) wanted.forEach((element, index) => show(element, decisions[index]));
  });
});

function later(everything: boolean, delay: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    timer = patience = 0;
    scan(everything);
  }, delay);
}

/** Give the consent banner `ms` to answer before the next question, or none. */
export function setPatience(ms: number): void {
  patience = ms;
}

/** Ask again for every placement of the page. */
export function refresh(): void {
  round++;
  if (started) later(true, patience);
}

/** Begin, when the configuration is here and the document is read. */
export async function startPlacements(): Promise<void> {
  try {
    const answer = await fetch(`${endpoint}/v1/snippet-config?writeKey=${writeKey}`, { credentials: "omit" });
    spots = (await answer.json()).placements || [];
  } catch (error) {
    report(error); // The placements in the page's own markup need no configuration.
  }
  if (document.readyState === "loading") await new Promise((read) => listen(document, "DOMContentLoaded", read));
  started = true;
  refresh();
  // What a framework or an endless list draws later.
  new MutationObserver(() => timer || later(false, SETTLE)).observe(document, { childList: true, subtree: true });
}
