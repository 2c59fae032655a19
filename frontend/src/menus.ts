// Drop menus are <details class="dropdown">; the side rail opens by a button on narrow screens.

export function watchMenus(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    for (const open of document.querySelectorAll<HTMLDetailsElement>("details.dropdown[open]")) {
      if (!open.contains(target)) open.open = false;
    }
    const toggler = target.closest<HTMLElement>("[data-opens]");
    const opened = toggler && document.getElementById(toggler.dataset.opens ?? "");
    if (toggler && opened) {
      const shown = opened.classList.toggle("show");
      toggler.setAttribute("aria-expanded", String(shown));
    }
    if (target.closest("[data-prints]")) window.print();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of document.querySelectorAll<HTMLDetailsElement>("details.dropdown[open]")) {
      open.open = false;
      open.querySelector("summary")?.focus();
    }
  });
  // A choice in such a field sends its form at once: filters, the number of days.
  document.addEventListener("change", (event) => {
    const field = event.target as Element;
    if (field.matches("[data-submits]")) field.closest("form")?.requestSubmit();
  });
}
