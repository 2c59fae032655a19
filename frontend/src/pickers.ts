// web/picker.html: values picked from the live shop, one a line in the field that the form sends.
import { makeChips } from "./chips";
import { type Option, fetchOptions, makeCombobox } from "./combobox";
import { iconOf, make, picture } from "./making";

export function showPickers(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-picker]:not([data-shown])")) {
    place.dataset["shown"] = "yes";
    showPicker(place);
  }
}

function showPicker(place: HTMLElement): void {
  const field = place.querySelector("textarea") as HTMLTextAreaElement;
  const said = place.dataset;
  const known = new Map<string, Option<string>>();
  for (const one of JSON.parse(place.querySelector("script")?.textContent ?? "[]") as Option<string>[]) known.set(one.value, one);
  const values = [...new Set(field.value.split("\n").map((line) => line.trim()).filter(Boolean))];
  const changed = (now: string[], option?: Option<string>): void => {
    if (option) known.set(option.value, option);
    field.value = now.join("\n");
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const wishes = {
    label: said["label"] ?? "",
    placeholder: said["placeholder"] ?? "",
    nothing: said["nothing"] ?? "",
    takeOff: said["takeOff"] ?? "",
    load: (words: string) => fetchOptions<string>(said["suggest"] ?? "", { q: words }),
  };
  const labelOf = (value: string): string => known.get(value)?.label ?? value;
  field.hidden = true;
  if (said["one"] !== undefined) {
    place.append(oneChoice(values[0] ?? "", labelOf, wishes, changed));
    return;
  }
  if (said["ordered"] !== undefined) {
    place.append(orderedList(values, known, wishes, { earlier: said["earlier"] ?? "", later: said["later"] ?? "" }, changed));
    return;
  }
  place.append(makeChips<string>({ ...wishes, values, labelOf, changed }).element);
}

interface Wishes {
  label: string;
  placeholder: string;
  nothing: string;
  takeOff: string;
  load: (words: string) => Promise<Option<string>[]>;
}

function oneChoice(
  first: string,
  labelOf: (value: string) => string,
  wishes: Wishes,
  changed: (values: string[], option?: Option<string>) => void,
): HTMLElement {
  let label = labelOf(first);
  const box = makeCombobox<string>({
    ...wishes,
    load: (typed) => wishes.load(typed === label ? "" : typed),
    take: (option) => {
      box.input.value = label = option.label;
      changed([option.value], option);
    },
    leave: () => {
      box.input.value = label;
    },
  });
  box.input.value = label;
  box.input.addEventListener("focus", () => box.input.select());
  return box.element;
}

function orderedList(
  first: string[],
  known: Map<string, Option<string>>,
  wishes: Wishes,
  words: { earlier: string; later: string },
  changed: (values: string[], option?: Option<string>) => void,
): HTMLElement {
  let values = first;
  const list = make("ol", { class: "picked list-group", "aria-label": wishes.label });
  const box = makeCombobox<string>({
    ...wishes,
    load: async (typed) => (await wishes.load(typed)).filter((one) => !values.includes(one.value)),
    take: (option) => {
      values = [...values, option.value];
      changed(values, option);
      draw();
      box.input.focus();
    },
  });
  const move = (from: number, to: number): void => {
    const next = [...values];
    next.splice(to, 0, ...next.splice(from, 1));
    values = next;
    changed(values);
    draw();
    list.querySelectorAll<HTMLButtonElement>(to < from ? "[data-earlier]" : "[data-later]")[to]?.focus();
  };
  const draw = (): void => {
    list.hidden = !values.length;
    list.replaceChildren(
      ...values.map((value, at) => {
        const option = known.get(value);
        const label = option?.label ?? value;
        const act = (name: string, text: string, icon: string, does: () => void, off = false): HTMLElement => {
          const made = make("button", { class: "btn btn-sm btn-icon btn-ghost-secondary", type: "button", "aria-label": `${text}: ${label}`, title: text, [`data-${name}`]: true, "aria-disabled": off ? "true" : undefined }, iconOf(icon));
          made.addEventListener("click", () => {
            if (!off) does();
          });
          return made;
        };
        return make(
          "li",
          { class: "list-group-item picked-line" },
          picture(option?.image ?? ""),
          make("span", { class: "combobox-words flex-fill" }, label, make("small", { class: "text-secondary" }, option?.note ?? "")),
          act("earlier", words.earlier, "chevron-up", () => move(at, at - 1), at === 0),
          act("later", words.later, "chevron-down", () => move(at, at + 1), at === values.length - 1),
          act("off", wishes.takeOff, "x", () => {
            values = values.filter((one) => one !== value);
            changed(values);
            draw();
            box.input.focus();
          }),
        );
      }),
    );
  };
  draw();
  return make("div", { class: "picked-place" }, list, box.element);
}
