// Groups and rows as elements. Whatever changes their shape draws the whole anew and says where the focus goes.
import { makeCombobox } from "../combobox";
import { iconOf, make } from "../making";
import { narrowed } from "../ranking";
import { type FieldChoice, type Group, type Kit, type Mode, type Part, type Row, PARTS, emptyGroup, findField, kindOf, newRow } from "./model";
import { valueFields } from "./values";
import { isFinished } from "./writing";

export interface Drawing {
  kit: Kit;
  changed: () => void;
  redraw: (focus?: Part | Group, at?: "comparison") => void;
  say: (words: string) => void;
  places: Map<Part | Group, HTMLElement>;
  comparisons: Map<Part | Group, HTMLElement>;
}

const MODES: Mode[] = ["all", "any", "none"];
const DEEPEST = 4;

export function drawGroup(group: Group, fields: FieldChoice[], drawing: Drawing, outer?: Group, depth = 0): HTMLElement {
  const { kit } = drawing;
  const mode = make("select", { class: "form-select form-select-sm condition-mode", "aria-label": kit.words["mode"] ?? "" });
  for (const one of MODES) {
    const option = make("option", { value: one }, kit.words[one] ?? one);
    option.selected = one === group.mode;
    mode.append(option);
  }
  mode.addEventListener("change", () => {
    group.mode = mode.value as Mode;
    drawing.changed();
  });
  const head = make("div", { class: "condition-group-head" }, mode);
  if (outer) head.append(removal(group, outer, "remove_group", drawing));
  const parts = group.parts.map((part) => drawPart(part, group, fields, drawing, depth));
  const add = button("add", "plus", drawing, () => {
    const row = newRow();
    group.parts.push(row);
    drawing.redraw(row);
  });
  drawing.places.set(group, add);
  const foot = make("div", { class: "condition-group-foot" }, add);
  if (depth < DEEPEST) {
    foot.append(
      button("add_group", "brackets", drawing, () => {
        const row = newRow();
        const inner: Group = { ...emptyGroup(group.mode === "any" ? "all" : "any"), parts: [row] };
        group.parts.push(inner);
        drawing.redraw(row);
      }),
    );
  }
  const alone = !outer && group.parts.length < 2 && group.mode === "all" && group.parts[0]?.is !== "group";
  const element = make("div", { class: "condition-group", role: "group" });
  if (!alone) element.append(head);
  if (!outer && !group.parts.length && depth === 0) element.append(make("p", { class: "text-secondary mb-2" }, kit.words["always"] ?? ""));
  element.append(...parts, foot);
  return element;
}

function drawPart(part: Part, group: Group, fields: FieldChoice[], drawing: Drawing, depth: number): HTMLElement {
  if (part.is === "group") return drawGroup(part, fields, drawing, group, depth + 1);
  if (part.is === "row") return drawRow(part, group, fields, drawing, depth);
  const { kit } = drawing;
  const written = make("code", { class: "condition-written" }, JSON.stringify(part.json));
  const element = make("div", { class: "condition-row" }, make("div", { class: "condition-only-json" }, make("small", { class: "text-secondary" }, kit.words["only_json"] ?? ""), written), removal(part, group, "remove", drawing));
  drawing.places.set(part, element);
  return element;
}

function drawRow(row: Row, group: Group, fields: FieldChoice[], drawing: Drawing, depth: number): HTMLElement {
  const { kit } = drawing;
  const field = findField(fields, row.field);
  const chooser = fieldChooser(row, field, fields, drawing);
  const element = make("div", { class: "condition-row", role: "group", "aria-label": field?.label ?? kit.words["choose_field"] ?? "" }, chooser.element);
  drawing.places.set(row, chooser.input);
  let pointed: HTMLInputElement | undefined = field ? undefined : chooser.input;
  if (field) {
    const comparison = comparisonChooser(row, field, drawing);
    element.append(comparison);
    drawing.places.set(row, comparison);
    drawing.comparisons.set(row, comparison);
    const changed = (): void => {
      complain();
      drawing.changed();
    };
    const place = make("div", { class: "condition-values" });
    if (row.comparison === "count") place.append(numberComparison(row, drawing));
    const values = valueFields(row, field, { kit, changed });
    pointed = values.first;
    place.append(...values.elements);
    if (values.elements.length || row.comparison === "count") element.append(place);
    if (values.first) drawing.places.set(row, values.first);
  }
  const complain = (): void => pointed?.setCustomValidity(isFinished(row, fields, kit) ? "" : (kit.words["missing"] ?? "?"));
  complain();
  element.append(removal(row, group, "remove", drawing));
  if (!field || !["some", "none", "count"].includes(row.comparison)) return element;
  const inner = drawGroup(row.where, field.items, drawing, undefined, depth + 1);
  return make("div", { class: "condition-items" }, element, make("div", { class: "condition-where" }, inner));
}

function fieldChooser(row: Row, field: FieldChoice | undefined, fields: FieldChoice[], drawing: Drawing): { element: HTMLElement; input: HTMLInputElement } {
  const { kit } = drawing;
  const label = field?.label ?? row.field;
  const options = fields.map((one) => ({
    value: one.name,
    label: one.label,
    ...(one.open ? { note: kit.words["any_key"] ?? "" } : {}),
  }));
  const box = makeCombobox<string>({
    label: kit.words["field"] ?? "",
    placeholder: kit.words["choose_field"] ?? "",
    nothing: kit.words["nothing"] ?? "",
    load: (words) => narrowed(options.filter((one) => !one.value.endsWith("*") || !words), words === label ? "" : words),
    typed: (words) => {
      const open = fields.find((one) => one.open);
      if (!open || words === label) return undefined;
      return { value: `${open.name.slice(0, -1)}${words}`, label: `${open.label}: ${words}` };
    },
    take: ({ value }) => {
      if (value.endsWith("*")) {
        box.input.value = "";
        box.input.placeholder = kit.words["any_key"] ?? "";
        return;
      }
      const chosen = findField(fields, value);
      const before = field && kindOf(field, kit);
      const kind = chosen && kindOf(chosen, kit);
      row.field = value;
      if (kind !== before || chosen?.source !== field?.source) {
        row.comparison = (kind && kit.comparisons[kind]?.[0]?.[0]) ?? "";
        row.values = [];
        row.where = emptyGroup();
      }
      drawing.changed();
      drawing.redraw(row);
    },
    leave: () => {
      box.input.value = label;
    },
  });
  box.input.value = label;
  box.element.classList.add("condition-field");
  box.input.addEventListener("focus", () => box.input.select());
  return box;
}

function comparisonChooser(row: Row, field: FieldChoice, drawing: Drawing): HTMLElement {
  const { kit } = drawing;
  const choice = make("select", { class: "form-select condition-comparison", "aria-label": kit.words["comparison"] ?? "" });
  const whole = kit.choices[field.source] !== undefined; // its few values are chosen, not typed
  for (const [name, text] of kit.comparisons[kindOf(field, kit)] ?? []) {
    if (whole && PARTS.includes(name) && name !== row.comparison) continue;
    const option = make("option", { value: name }, text);
    option.selected = name === row.comparison;
    choice.append(option);
  }
  choice.addEventListener("change", () => {
    const alike = sort(choice.value) === sort(row.comparison);
    row.comparison = choice.value;
    if (!alike) row.values = [];
    drawing.changed();
    drawing.redraw(row, "comparison"); // arrow keys choose one after the other
  });
  return choice;
}

// Comparisons of one sort take the same values, so that what was chosen stays.
function sort(comparison: string): string {
  if (["is", "is_not", "all"].includes(comparison)) return "chosen";
  if (PARTS.includes(comparison)) return "part";
  if (["eq", "ne", "gt", "gte", "lt", "lte"].includes(comparison)) return "number";
  if (["within", "older"].includes(comparison)) return "span";
  return ["from", "until"].includes(comparison) ? "moment" : comparison;
}

function numberComparison(row: Row, drawing: Drawing): HTMLElement {
  const choice = make("select", { class: "form-select", "aria-label": drawing.kit.words["comparison"] ?? "" });
  for (const [name, text] of drawing.kit.comparisons["count"] ?? []) {
    const option = make("option", { value: name }, text);
    option.selected = name === row.number;
    choice.append(option);
  }
  choice.addEventListener("change", () => {
    row.number = choice.value;
    drawing.changed();
  });
  return choice;
}

function removal(part: Part, group: Group, word: string, drawing: Drawing): HTMLElement {
  const label = drawing.kit.words[word] ?? "";
  const made = make("button", { class: "btn btn-icon btn-ghost-secondary condition-remove", type: "button", "aria-label": label, title: label }, iconOf("trash"));
  made.addEventListener("click", () => {
    group.parts = group.parts.filter((one) => one !== part);
    drawing.changed();
    drawing.redraw(group);
    drawing.say(drawing.kit.words["removed"] ?? "");
  });
  return made;
}

function button(word: string, icon: string, drawing: Drawing, act: () => void): HTMLButtonElement {
  const made = make("button", { class: "btn btn-sm", type: "button" }, iconOf(icon), drawing.kit.words[word] ?? "");
  made.addEventListener("click", act);
  return made;
}
