// What the last action said, shown for some seconds; it stays while somebody reads or points at it.

const SECONDS = 6;

export function showToasts(root: ParentNode): void {
  for (const toast of root.querySelectorAll<HTMLElement>("[data-toast]:not([data-running])")) {
    toast.dataset.running = "yes";
    let timer = window.setTimeout(() => toast.remove(), SECONDS * 1000);
    const hold = (): void => window.clearTimeout(timer);
    const go = (): void => {
      timer = window.setTimeout(() => toast.remove(), SECONDS * 1000);
    };
    toast.addEventListener("mouseenter", hold);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("mouseleave", go);
    toast.querySelector("[data-closes-toast]")?.addEventListener("click", () => toast.remove());
  }
}
