// Elements made by scripts: text is always text, never markup.

type Attributes = Record<string, string | boolean | undefined>;

export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...inside: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (typeof value === "string") made.setAttribute(name, value);
  }
  made.append(...inside);
  return made;
}

let last = 0;

export function newId(): string {
  last += 1;
  return `made-${last}`;
}

// An icon that a template of the page holds ready: <template data-icon="trash">.
export function iconOf(name: string): Node {
  const kept = document.querySelector<HTMLTemplateElement>(`template[data-icon="${name}"]`);
  return kept ? kept.content.cloneNode(true) : document.createTextNode("");
}

export function picture(url: string, size = "sm"): HTMLElement {
  const frame = make("span", { class: `avatar avatar-${size} overflow-hidden flex-shrink-0`, "aria-hidden": "true" });
  frame.append(url ? make("img", { class: "w-100 h-100 object-cover", src: url, alt: "", loading: "lazy" }) : iconOf("photo"));
  return frame;
}
