// The ladder of a placement: steps are added from a pattern, taken away, and named after the strategy chosen in them.
import { showDepending } from "./depending";

let made = 0;

export function watchLadders(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-adds], [data-drops]");
    const ladder = button?.closest<HTMLElement>("[data-ladder]");
    if (!button || !ladder) return;
    event.preventDefault();
    if ("adds" in button.dataset) add(ladder);
    else drop(ladder, button);
  });
  document.addEventListener("change", (event) => {
    const chosen = event.target as HTMLSelectElement;
    const step = chosen.closest<HTMLElement>("[data-ladder] [data-sorted]");
    if (step && "names" in chosen.dataset) step.dataset["name"] = chosen.selectedOptions[0]?.text ?? "";
  });
}

const stepsOf = (ladder: HTMLElement): HTMLElement[] => [...ladder.querySelectorAll<HTMLElement>("[data-sorted]")];

function add(ladder: HTMLElement): void {
  const pattern = ladder.querySelector("template");
  if (!pattern) return;
  const holder = document.createElement("template");
  holder.innerHTML = pattern.innerHTML.replaceAll("~", `n${++made}`);
  const step = holder.content.firstElementChild as HTMLElement;
  ladder.querySelector("[data-sorts]")?.append(step);
  showDepending(ladder);
  step.querySelector<HTMLElement>("select")?.focus();
  told(ladder);
}

// The focus goes to the step that comes in its place, so that the keyboard is not lost.
function drop(ladder: HTMLElement, button: HTMLElement): void {
  const step = button.closest<HTMLElement>("[data-sorted]");
  const place = step ? stepsOf(ladder).indexOf(step) : 0;
  step?.remove();
  const left = stepsOf(ladder);
  const next = (left[place] ?? left.at(-1))?.querySelector<HTMLElement>("[data-drops]");
  (next ?? ladder.querySelector<HTMLElement>("[data-adds]"))?.focus();
  told(ladder);
}

const told = (ladder: HTMLElement): void => {
  ladder.dispatchEvent(new Event("change", { bubbles: true }));
};
