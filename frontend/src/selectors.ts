// [data-selector="words"] around a field: what is typed there has to be a CSS selector, which the browser knows best.

const isSelector = (typed: string): boolean => {
  try {
    document.createDocumentFragment().querySelector(typed);
    return true;
  } catch {
    return false;
  }
};

function check(box: HTMLInputElement): void {
  const typed = box.value.trim();
  box.setCustomValidity(!typed || isSelector(typed) ? "" : (box.closest<HTMLElement>("[data-selector]")?.dataset["selector"] ?? ""));
}

export function watchSelectors(): void {
  for (const box of document.querySelectorAll<HTMLInputElement>("[data-selector] input")) {
    check(box);
    box.addEventListener("input", () => check(box));
  }
}
