// The search of the whole panel: "/" goes there, arrows walk the hits, Enter opens one, Escape leaves.

export function watchSearch(): void {
  const form = document.querySelector<HTMLFormElement>("[data-search]");
  const box = form?.querySelector<HTMLInputElement>("input[name=q]");
  const list = form?.querySelector<HTMLElement>("[data-found]");
  if (!form || !box || !list) return;

  const hits = (): HTMLAnchorElement[] => [...list.querySelectorAll<HTMLAnchorElement>("a[role=option]")];
  const mark = (chosen: HTMLAnchorElement | undefined): void => {
    for (const hit of hits()) {
      hit.classList.toggle("active", hit === chosen);
      hit.setAttribute("aria-selected", String(hit === chosen));
    }
    if (chosen) {
      box.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else box.removeAttribute("aria-activedescendant");
  };
  const show = (open: boolean): void => {
    list.hidden = !open;
    box.setAttribute("aria-expanded", String(open));
  };

  document.addEventListener("keydown", (event) => {
    const typing = (event.target as Element).closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });
  box.addEventListener("keydown", (event) => {
    const all = hits();
    const at = all.findIndex((hit) => hit.classList.contains("active"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(all[(at + step + all.length + (at < 0 && step < 0 ? 1 : 0)) % Math.max(all.length, 1)]);
    } else if (event.key === "Enter" && !list.hidden && all.length) {
      event.preventDefault();
      (all[at] ?? all[0])?.click();
    } else if (event.key === "Escape") {
      // The first press closes the list and keeps the words; the browser's own answer would empty the box.
      if (list.hidden) box.blur();
      else event.preventDefault();
      show(false);
    }
  });
  box.addEventListener("focus", () => show(Boolean(box.value.trim() && list.childElementCount)));
  box.addEventListener("input", () => {
    if (!box.value.trim()) show(false);
  });
  form.addEventListener("htmx:after:swap", () => {
    show(Boolean(box.value.trim()));
    mark(undefined);
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target as Node)) show(false);
  });
}
