// The fields in which a row's values are chosen or typed, by the kind of the row's field.
import { makeChips } from "../chips";
import { type Option, fetchOptions } from "../combobox";
import { make } from "../making";
import { narrowed } from "../ranking";
import { type FieldChoice, type Kit, type Row, type Value, PARTS, kindOf } from "./model";
import { fromZone, toZone } from "./moments";

export interface Place {
  kit: Kit;
  changed: () => void;
}

// Gives the elements for the values of a row, and the field that a complaint about them points at.
export function valueFields(row: Row, field: FieldChoice, place: Place): { elements: HTMLElement[]; first?: HTMLInputElement } {
  const kind = kindOf(field, place.kit);
  if (["is", "is_not", "all"].includes(row.comparison)) return chosenValues(row, field, kind, place);
  if (PARTS.includes(row.comparison)) return typedParts(row, field, place);
  if (row.comparison === "within" || row.comparison === "older") return spanFields(row, place);
  if (row.comparison === "from" || row.comparison === "until") return momentField(row, place);
  if (["known", "unknown", "yes", "no", "some", "none"].includes(row.comparison)) return { elements: [] };
  const first = numberField(row, 0, field, place);
  if (row.comparison !== "between") return { elements: [first.element], first: first.input };
  const second = numberField(row, 1, field, place);
  const between = make("span", { class: "text-secondary" }, place.kit.words["and"] ?? "");
  return { elements: [first.element, between, second.element], first: first.input };
}

function chosenValues(row: Row, field: FieldChoice, kind: string, { kit, changed }: Place): { elements: HTMLElement[]; first: HTMLInputElement } {
  const few = kit.choices[field.source];
  const known = (kit.known[field.source] ??= {});
  for (const one of few ?? []) known[String(one.value)] = one.label;
  const typed = (words: string): Option<Value> => {
    const value = kind === "scalar" ? scalar(words) : words;
    return { value, label: (kit.words["use"] ?? "%").replace("%", String(value)) };
  };
  const asked = { source: field.source, field: field.name };
  const chips = makeChips<Value>({
    label: `${field.label}: ${kit.words["value"] ?? ""}`,
    placeholder: kit.words["choose_value"] ?? "",
    nothing: kit.words["nothing"] ?? "",
    takeOff: kit.words["take_off"] ?? "",
    values: row.values,
    labelOf: (value) => known[String(value)] ?? String(value),
    load: (words) => {
      if (few) return narrowed<Value>(few, words);
      return kit.suggest && field.source ? fetchOptions<Value>(kit.suggest, { ...asked, q: words }) : [];
    },
    ...(kind === "chosen" ? {} : { typed }),
    changed: (values, option) => {
      if (option && option.label !== typed(String(option.value)).label) known[String(option.value)] = option.label;
      row.values = values;
      changed();
    },
  });
  return { elements: [chips.element], first: chips.input };
}

function typedParts(row: Row, field: FieldChoice, { kit, changed }: Place): { elements: HTMLElement[]; first: HTMLInputElement } {
  const chips = makeChips<Value>({
    label: `${field.label}: ${kit.words["part"] ?? ""}`,
    placeholder: kit.words["type_part"] ?? "",
    nothing: kit.words["any_part"] ?? "",
    takeOff: kit.words["take_off"] ?? "",
    values: row.values,
    labelOf: String,
    load: () => [],
    typed: (words) => ({ value: words, label: (kit.words["use"] ?? "%").replace("%", words) }),
    keepsTyped: true,
    changed: (values) => {
      row.values = values;
      changed();
    },
  });
  return { elements: [chips.element], first: chips.input };
}

function scalar(words: string): Value {
  if (words === "true" || words === "false") return words === "true";
  const quoted = /^"(.+)"$/.exec(words);
  if (quoted?.[1]) return quoted[1];
  return Number.isFinite(Number(words)) ? Number(words) : words;
}

function numberField(row: Row, at: number, field: FieldChoice, { kit, changed }: Place): { element: HTMLElement; input: HTMLInputElement } {
  const unit = field.share ? "%" : field.kind === "money" ? kit.currency : "";
  const scale = field.share ? 0.01 : field.kind === "money" ? 10 ** kit.decimals : 1;
  const input = make("input", { class: "form-control", type: "number", step: "any", "aria-label": `${field.label}: ${kit.words["value"] ?? ""}` });
  const held = row.values[at];
  if (typeof held === "number") input.value = String(tidy(held / scale));
  input.addEventListener("input", () => {
    const typed = input.valueAsNumber;
    const values: (Value | undefined)[] = [...row.values];
    const value = tidy(typed * scale);
    values[at] = Number.isNaN(typed) ? undefined : field.kind === "money" ? Math.round(value) : value;
    row.values = values as Value[];
    changed();
  });
  const element = make("div", { class: "input-group input-group-flat condition-number" }, input);
  if (unit) element.append(make("span", { class: "input-group-text", title: unit }, unit));
  return { element, input };
}

const tidy = (value: number): number => Number(value.toPrecision(12));

const UNITS: [letter: string, word: string][] = [["m", "minutes"], ["h", "hours"], ["d", "days"], ["w", "weeks"]];

function spanFields(row: Row, { kit, changed }: Place): { elements: HTMLElement[]; first: HTMLInputElement } {
  const held = /^(\d+)([mhdw])$/.exec(String(row.values[0] ?? ""));
  const label = kit.words["value"] ?? "";
  const input = make("input", { class: "form-control", type: "number", min: "0", max: "9999", step: "1", "aria-label": label, value: held?.[1] ?? "" });
  const unit = make("select", { class: "form-select", "aria-label": kit.words["days"] ?? "" });
  for (const [letter, word] of UNITS) {
    const option = make("option", { value: letter }, kit.words[word] ?? word);
    option.selected = letter === (held?.[2] ?? "d");
    unit.append(option);
  }
  const write = (): void => {
    const count = input.valueAsNumber;
    row.values = Number.isInteger(count) && count >= 0 ? [`${count}${unit.value}`] : [];
    changed();
  };
  input.addEventListener("input", write);
  unit.addEventListener("change", write);
  return { elements: [make("div", { class: "input-group condition-number" }, input, unit)], first: input };
}

function momentField(row: Row, { kit, changed }: Place): { elements: HTMLElement[]; first: HTMLInputElement } {
  const input = make("input", { class: "form-control", type: "datetime-local", "aria-label": kit.words["value"] ?? "" });
  input.value = toZone(String(row.values[0] ?? ""), kit.zone);
  input.addEventListener("input", () => {
    const at = fromZone(input.value, kit.zone);
    row.values = at ? [at] : [];
    changed();
  });
  return { elements: [input], first: input };
}
