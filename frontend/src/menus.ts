// Drop menus are <details class="dropdown">; the side rail opens by a button on narrow screens.

const CHOSEN = "expedit-chosen";

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
  // A choice in such a field sends its form at once: filters, the number of days. On the page that
  // comes, the keyboard is where it was, so that arrow keys go on choosing.
  document.addEventListener("change", (event) => {
    const field = event.target as HTMLSelectElement;
    if (!field.matches("[data-submits]")) return;
    sessionStorage.setItem(CHOSEN, `${location.pathname} ${field.name}`);
    field.form?.requestSubmit();
  });
  const [path, name] = (sessionStorage.getItem(CHOSEN) ?? "").split(" ");
  sessionStorage.removeItem(CHOSEN);
  if (name && path === location.pathname) {
    document.querySelector<HTMLElement>(`[data-submits][name="${CSS.escape(name)}"]`)?.focus({ preventScroll: true });
  }
}
