// Several chosen values side by side, each with a button that takes it away, and a field for more.
import { type Option, makeCombobox } from "./combobox";
import { iconOf, make } from "./making";

export interface ChipWishes<Value> {
  label: string;
  placeholder: string;
  nothing: string;
  takeOff: string;
  values: Value[];
  labelOf: (value: Value) => string;
  load: (words: string) => Option<Value>[] | Promise<Option<Value>[]>;
  typed?: (words: string) => Option<Value> | undefined;
  // Whether what is typed counts when the field is left, as well as with Enter.
  keepsTyped?: boolean;
  changed: (values: Value[], chosen?: Option<Value>) => void;
}

export function makeChips<Value>(wishes: ChipWishes<Value>): { element: HTMLElement; input: HTMLInputElement } {
  const element = make("div", { class: "chips" });
  let values = [...wishes.values];
  const box = makeCombobox<Value>({
    ...wishes,
    load: async (words) => (await wishes.load(words)).filter((one) => !values.includes(one.value)),
    take: (option) => {
      add(option);
      box.input.focus();
    },
    leave: () => {
      const words = box.input.value.trim();
      const own = wishes.keepsTyped && words ? wishes.typed?.(words) : undefined;
      if (!own) return;
      box.input.value = "";
      add(own);
    },
  });
  const add = (option: Option<Value>): void => {
    if (!values.includes(option.value)) values = [...values, option.value];
    wishes.changed(values, option);
    draw();
  };
  const draw = (): void => {
    const chips = values.map((value) => {
      const label = wishes.labelOf(value);
      const off = make("button", { class: "chip-off", type: "button", "aria-label": `${wishes.takeOff}: ${label}` }, iconOf("x"));
      off.addEventListener("click", () => {
        values = values.filter((one) => one !== value);
        wishes.changed(values);
        draw();
        box.input.focus();
      });
      return make("span", { class: "chip" }, make("span", { class: "chip-text", title: label }, label), off);
    });
    for (const old of element.querySelectorAll(".chip")) old.remove();
    element.prepend(...chips);
    box.input.placeholder = values.length ? "" : wishes.placeholder;
  };
  box.input.addEventListener("keydown", (event) => {
    if (event.key !== "Backspace" || box.input.value || !values.length) return;
    values = values.slice(0, -1);
    wishes.changed(values);
    draw();
  });
  element.append(box.element);
  element.addEventListener("click", (event) => {
    if (event.target === element) box.input.focus();
  });
  draw();
  return { element, input: box.input };
}
