// After a form was refused: the keyboard goes to the field at fault, and links of the alert lead there again.

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export function showRefused(): void {
  const alert = document.querySelector<HTMLElement>("[data-refused]");
  const links = [...document.querySelectorAll<HTMLAnchorElement>("[data-refused] a[data-at]")];
  for (const link of links) {
    const name = link.dataset["at"] ?? "";
    const label = labelOf(fieldOf(name));
    if (label) link.prepend(/[?!:.]$/.test(label) ? `${label} ` : `${label}: `);
    link.addEventListener("click", (event) => {
      if (goTo(name)) event.preventDefault();
    });
  }
  const first = links[0]?.dataset["at"] ?? document.querySelector<Control>("main [aria-invalid=true]")?.name;
  const busy = document.activeElement && document.activeElement !== document.body; // somebody was faster
  if (!busy && !(first && goTo(first))) alert?.focus();
}

function goTo(name: string): boolean {
  const field = fieldOf(name);
  const place = field && (standInOf(field) ?? field);
  if (!place) return false;
  for (let around = place.parentElement; around; around = around.parentElement) {
    if (around instanceof HTMLDetailsElement) around.open = true;
    if (around instanceof HTMLDialogElement && !around.open) around.showModal();
  }
  if (!place.checkVisibility()) return false;
  if (!field.closest("[data-condition]")) place.setAttribute("aria-invalid", "true"); // of a condition it may be another row
  if (!place.hasAttribute("aria-describedby") && document.getElementById(`error-${name}`)) place.setAttribute("aria-describedby", `error-${name}`);
  place.dataset["quiet"] = ""; // a list that opens would cover the complaint
  place.focus({ preventScroll: true });
  delete place.dataset["quiet"];
  place.scrollIntoView({ block: "center" });
  return true;
}

// The field of the form that was sent, which went to this very address; none where it could be one of several.
function fieldOf(name: string): Control | undefined {
  const named = [...document.querySelectorAll<Control>(`[name="${CSS.escape(name)}"]:not([type=hidden], :disabled)`)];
  const found = named.filter(({ form }) => form && new URL(form.getAttribute("action") ?? "", location.href).pathname === location.pathname);
  if (new Set(found.map(({ form }) => form)).size > 1) return undefined;
  return found.find((one) => one.matches(":checked")) ?? found[0];
}

// What scripts have put in the place of a field: the first part of it in which something can be changed.
function standInOf(field: Control): HTMLElement | null | undefined {
  const place = field.hidden ? field.closest("[data-condition], [data-picker]") : null;
  if (place?.querySelector(".condition-written")) return place.querySelector<HTMLElement>("[data-view=json]"); // no row can show it
  return place?.querySelector<HTMLElement>(".condition-row :is(input, select), [role=combobox]") ?? place?.querySelector<HTMLElement>("[data-visual] button");
}

function labelOf(field: Control | undefined): string {
  // Of a condition, and of boxes to tick, what they are called together.
  const group = field?.closest(field.matches("[type=checkbox], [type=radio]") ? "fieldset" : "[data-condition]");
  const label = group?.querySelector("legend")?.textContent ?? field?.getAttribute("aria-label") ?? field?.labels?.[0]?.textContent;
  return (label ?? "").replace(/\s+/g, " ").trim();
}
