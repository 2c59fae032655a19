// A list put in order by dragging its handles, or by its buttons; the order is told aloud, and sent at once to the
// address that [data-sorts] names. Without one it is part of a form, which is told that it has changed.

export function watchSorting(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-moves]");
    const line = button?.closest<HTMLElement>("[data-sorted]");
    const list = line?.closest<HTMLElement>("[data-sorts]");
    if (!button || !line || !list) return;
    event.preventDefault();
    const other = button.dataset["moves"] === "up" ? line.previousElementSibling : line.nextElementSibling;
    if (!other) return;
    if (button.dataset["moves"] === "up") other.before(line);
    else other.after(line);
    button.focus();
    void keep(list, line);
  });
  document.addEventListener("pointerdown", (event) => {
    const handle = (event.target as Element).closest<HTMLElement>("[data-handle]");
    const line = handle?.closest<HTMLElement>("[data-sorted]");
    const list = line?.closest<HTMLElement>("[data-sorts]");
    if (!handle || !line || !list || event.button !== 0) return;
    event.preventDefault();
    drag(line, list);
  });
}

// Listened to on the whole page: a line that changes its place would lose a pointer that it had captured.
function drag(line: HTMLElement, list: HTMLElement): void {
  const before = idsOf(list).join();
  line.classList.add("is-dragged");
  const move = (event: PointerEvent): void => {
    const under = [...list.children].find((one) => {
      const box = one.getBoundingClientRect();
      return one !== line && event.clientY > box.top && event.clientY < box.bottom;
    });
    if (!under) return;
    const box = under.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) under.before(line);
    else under.after(line);
  };
  const end = (): void => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", end);
    document.removeEventListener("pointercancel", end);
    line.classList.remove("is-dragged");
    if (idsOf(list).join() !== before) void keep(list, line);
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
}

const idsOf = (list: HTMLElement): string[] =>
  [...list.querySelectorAll<HTMLElement>("[data-sorted]")].map((line) => line.dataset["sorted"] ?? "");

async function keep(list: HTMLElement, line: HTMLElement): Promise<void> {
  const ids = idsOf(list);
  const address = list.dataset["sorts"];
  const kept = address ? await send(address, ids) : list.dispatchEvent(new Event("change", { bubbles: true }));
  const said = list.parentElement?.querySelector<HTMLElement>("[data-sorting-said]");
  if (!said) return;
  const place = ids.indexOf(line.dataset["sorted"] ?? "") + 1;
  said.classList.toggle("visually-hidden", kept);
  said.textContent = kept
    ? (list.dataset["moved"] ?? "").replace("%name", line.dataset["name"] ?? "").replace("%place", String(place)).replace("%all", String(ids.length))
    : (list.dataset["failed"] ?? "");
}

async function send(address: string, ids: string[]): Promise<boolean> {
  const body = new URLSearchParams({ by: "script" });
  for (const id of ids) body.append("ids", id);
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
  const headers = { Accept: "application/json", "X-CSRF-Token": token };
  const answer = await fetch(address, { method: "POST", credentials: "same-origin", headers, body }).catch(() => undefined);
  return Boolean(answer?.ok);
}
