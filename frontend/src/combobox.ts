// A field that completes what is typed: arrows walk the list, Enter or a click takes one, Escape leaves.
import { make, newId, picture } from "./making";

export interface Option<Value> {
  value: Value;
  label: string;
  note?: string;
  image?: string;
}

export interface Wishes<Value> {
  label: string;
  placeholder: string;
  nothing: string;
  load: (words: string) => Option<Value>[] | Promise<Option<Value>[]>;
  take: (option: Option<Value>) => void;
  // What is typed, as an option of its own, where other values than the known ones may be used.
  typed?: (words: string) => Option<Value> | undefined;
  leave?: () => void;
}

export interface Combobox {
  element: HTMLElement;
  input: HTMLInputElement;
}

export function makeCombobox<Value>(wishes: Wishes<Value>): Combobox {
  const id = newId();
  const list = make("div", { class: "combobox-list dropdown-menu show", id, role: "listbox", "aria-label": wishes.label, tabindex: "-1", hidden: true });
  const input = make("input", {
    class: "form-control",
    type: "text",
    role: "combobox",
    "aria-label": wishes.label,
    "aria-expanded": "false",
    "aria-controls": id,
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: wishes.placeholder,
  });
  const element = make("div", { class: "combobox" }, input, list);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // whoever scrolls it by hand stays in the field
  let options: Option<Value>[] = [];
  let marked = -1;
  let asked = 0;
  let timer = 0;
  let pending = false;
  let early: number[] = []; // arrows that came before the answer
  let hurried = false; // so did Enter: what they mark is taken, else the first

  const mark = (place: number): void => {
    marked = place;
    const lines = [...list.querySelectorAll<HTMLElement>("[role=option]")];
    for (const [at, line] of lines.entries()) {
      line.classList.toggle("active", at === place);
      line.setAttribute("aria-selected", String(at === place));
    }
    const chosen = lines[place];
    if (chosen) {
      input.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const move = (step: number): void => {
    const count = options.length;
    if (count) mark((Math.max(marked, step < 0 ? 0 : -1) + step + count) % count);
  };
  const show = (open: boolean): void => {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) mark(-1);
  };
  const draw = (): void => {
    list.replaceChildren(
      ...options.map((option, place) => {
        const words = make("span", { class: "combobox-words" }, option.label);
        if (option.note) words.append(make("small", { class: "text-secondary" }, option.note));
        const line = make("div", { class: "dropdown-item", role: "option", id: `${id}-${place}`, "aria-selected": "false" });
        if (option.image !== undefined) line.append(picture(option.image, "xs"));
        line.append(words);
        // Not a click: the field would have lost the focus, and the list be closed, before it comes.
        line.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          take(option);
        });
        return line;
      }),
    );
    if (!options.length) list.append(make("div", { class: "dropdown-item-text text-secondary", role: "presentation" }, wishes.nothing));
    show(document.activeElement === input);
    mark(options.length && input.value.trim() ? 0 : -1);
  };
  const take = (option: Option<Value>): void => {
    show(false);
    input.value = "";
    wishes.take(option);
  };
  const look = async (): Promise<void> => {
    asked += 1;
    const mine = asked;
    const words = input.value.trim();
    const found = await Promise.resolve(wishes.load(words)).catch(() => []);
    if (mine !== asked) return; // something else was typed meanwhile
    const own = words ? wishes.typed?.(words) : undefined;
    const same = found.some((one) => one.label.toLowerCase() === words.toLowerCase() || String(one.value) === words);
    options = own && !same ? [...found, own] : found;
    pending = false;
    draw();
    early.forEach(move);
    const option = options[Math.max(marked, 0)];
    if (hurried && option) take(option);
    early = [];
    hurried = false;
  };

  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    pending = Boolean(input.value.trim());
    early = [];
    hurried = false;
    timer = window.setTimeout(look, 120);
  });
  input.addEventListener("focus", () => {
    if (input.dataset["quiet"] === undefined) void look();
  });
  input.addEventListener("click", () => {
    if (list.hidden) void look();
  });
  input.addEventListener("blur", () => {
    window.clearTimeout(timer);
    asked += 1;
    pending = hurried = false;
    early = [];
    show(false);
    wishes.leave?.();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      event.preventDefault();
      if (!list.hidden && !pending) move(step);
      else {
        early.push(step);
        if (!pending) void look(); // else it is on its way
      }
    } else if (event.key === "Enter") {
      const option = options[marked];
      event.preventDefault(); // never sends the whole form
      if (pending || early.length) hurried = true;
      else if (!list.hidden && option) take(option);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      show(false);
    }
  });
  return { element, input };
}

export async function fetchOptions<Value>(address: string, asked: Record<string, string>): Promise<Option<Value>[]> {
  const url = new URL(address, location.href);
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  return answer.ok ? ((await answer.json()) as Option<Value>[]) : [];
}
