// A list put in order by dragging its handles, or by its buttons; the order is told aloud, and sent at once to the
// address that [data-sorts] names, with the version of the order that was seen ([data-version]). If somebody else was
// faster the list goes back to what was seen, and says so. Without an address it is part of a form, which is told that
// it has changed.

interface Answer {
  version?: number;
  detail?: string;
}

const kept = new WeakMap<HTMLElement, Element[]>(); // the lines of a list in the order that was kept last
let sending = Promise.resolve(); // one after the other: each names the version that the one before made

export function watchSorting(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-moves]");
    const line = button?.closest<HTMLElement>("[data-sorted]");
    const list = line?.closest<HTMLElement>("[data-sorts]");
    if (!button || !line || !list) return;
    event.preventDefault();
    remember(list);
    const other = button.dataset["moves"] === "up" ? line.previousElementSibling : line.nextElementSibling;
    if (!other) return;
    if (button.dataset["moves"] === "up") other.before(line);
    else other.after(line);
    button.focus();
    keep(list, line);
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
  remember(list);
  const was = idsOf(list).join();
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
    if (idsOf(list).join() !== was) keep(list, line);
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
}

const idsOf = (list: HTMLElement): string[] =>
  [...list.querySelectorAll<HTMLElement>("[data-sorted]")].map((line) => line.dataset["sorted"] ?? "");

function remember(list: HTMLElement): void {
  if (!kept.has(list)) kept.set(list, [...list.children]);
}

function keep(list: HTMLElement, line: HTMLElement): void {
  const address = list.dataset["sorts"];
  const [lines, ids] = [[...list.children], idsOf(list)];
  if (!address) {
    list.dispatchEvent(new Event("change", { bubbles: true }));
    tell(list, line, ids);
    return;
  }
  sending = sending
    .then(() => send(list, address, ids))
    .then((wrong) => {
      if (wrong) list.append(...(kept.get(list) ?? []));
      else kept.set(list, lines);
      tell(list, line, ids, wrong);
    });
}

function tell(list: HTMLElement, line: HTMLElement, ids: string[], wrong = ""): void {
  const said = list.parentElement?.querySelector<HTMLElement>("[data-sorting-said]");
  const again = list.parentElement?.querySelector<HTMLElement>("[data-sorting-again]");
  if (!said) return;
  const place = ids.indexOf(line.dataset["sorted"] ?? "") + 1;
  said.className = wrong ? "alert alert-warning m-3 mb-2" : "visually-hidden";
  said.textContent = wrong || (list.dataset["moved"] ?? "").replace("%name", line.dataset["name"] ?? "").replace("%place", String(place)).replace("%all", String(ids.length));
  if (again) again.hidden = !wrong;
  if (wrong) said.scrollIntoView({ block: "center" });
}

// What is wrong, in the reader's words; nothing when the order is kept.
async function send(list: HTMLElement, address: string, ids: string[]): Promise<string> {
  const body = new URLSearchParams({ by: "script", version: list.dataset["version"] ?? "" });
  for (const id of ids) body.append("ids", id);
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
  const headers = { Accept: "application/json", "X-CSRF-Token": token };
  const failed = list.dataset["failed"] || " ";
  try {
    const answer = await fetch(address, { method: "POST", credentials: "same-origin", headers, body });
    const told = (await answer.json()) as Answer;
    if (!answer.ok) return answer.status === 409 ? (told.detail ?? failed) : failed;
    if (told.version !== undefined) list.dataset["version"] = String(told.version);
    return "";
  } catch {
    return failed;
  }
}
