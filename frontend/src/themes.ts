// The switch between light, dark and what the system wishes; `theme.ts` applies the choice before the first paint.

const system = matchMedia("(prefers-color-scheme: dark)");
const page = document.documentElement;

function apply(wish: string): void {
  const dark = wish === "dark" || (wish === "auto" && system.matches);
  page.dataset.bsTheme = dark ? "dark" : "light";
  page.dataset.themeWish = wish;
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === wish));
  }
  document.dispatchEvent(new CustomEvent("expedit:theme"));
}

export function watchThemes(): void {
  document.addEventListener("click", (event) => {
    const choice = (event.target as Element).closest<HTMLElement>("[data-theme-choice]")?.dataset.themeChoice;
    if (!choice) return;
    localStorage.setItem("expedit-theme", choice);
    apply(choice);
  });
  system.addEventListener("change", () => apply(page.dataset.themeWish ?? "auto"));
  apply(page.dataset.themeWish ?? "auto");
}
