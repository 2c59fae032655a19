// The condition editor of web/condition.html: the JSON in the form's field, shown as groups and rows.
import { makeCounter } from "./counting";
import { drawGroup } from "./groups";
import { type Group, type Json, type Kit, type Part, emptyGroup } from "./model";
import { isObject, readGroup } from "./reading";
import { writeGroup } from "./writing";

export function showConditions(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-condition]:not([data-shown])")) {
    place.dataset["shown"] = "yes";
    showCondition(place);
  }
}

function showCondition(place: HTMLElement): void {
  const part = <Kind extends HTMLElement>(name: string): Kind => place.querySelector<Kind>(`[data-${name}]`) as Kind;
  const written = part<HTMLTextAreaElement>("written");
  const visual = part("visual");
  const said = part("said");
  const kit = JSON.parse(part("kit").textContent ?? "{}") as Kit;
  const count = makeCounter(part("counted"), kit, place.querySelector("[data-wrong]")?.textContent ?? "");
  const views = [...place.querySelectorAll<HTMLButtonElement>("[data-view]")];
  let group = emptyGroup();

  const changed = (): void => {
    const json = writeGroup(group, kit.fields, kit);
    const text = JSON.stringify(json, undefined, 2);
    if (text === written.value) return;
    written.value = text;
    written.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const redraw = (focus?: Part | Group, at?: "comparison"): void => {
    const places = new Map<Part | Group, HTMLElement>();
    const comparisons = new Map<Part | Group, HTMLElement>();
    const say = (words: string): void => {
      said.textContent = words;
    };
    visual.replaceChildren(drawGroup(group, kit.fields, { kit, changed, redraw, say, places, comparisons }));
    if (focus) (at === "comparison" ? comparisons : places).get(focus)?.focus();
  };
  const read = (): boolean => {
    try {
      const json = JSON.parse(written.value.trim() || "{}") as Json;
      if (!isObject(json)) return false;
      group = readGroup(json, kit.fields, kit);
      return true;
    } catch {
      return false;
    }
  };
  const view = (wanted: string): void => {
    const rows = wanted === "visual" && read();
    said.textContent = wanted === "visual" && !rows ? (kit.words["not_json"] ?? "") : "";
    said.classList.toggle("visually-hidden", wanted !== "visual" || rows);
    written.hidden = rows;
    visual.hidden = !rows;
    if (rows) redraw();
    else visual.replaceChildren();
    for (const one of views) {
      const pressed = (one.dataset["view"] === "visual") === rows;
      one.classList.toggle("active", pressed);
      one.setAttribute("aria-pressed", String(pressed));
    }
  };

  for (const one of views) {
    one.addEventListener("click", () => {
      view(one.dataset["view"] ?? "visual");
      if (!written.hidden) written.focus();
    });
  }
  written.addEventListener("input", () => written.dispatchEvent(new Event("change", { bubbles: true })));
  written.addEventListener("change", () => count(written.value));
  view("visual");
  count(written.value);
}
