// How many fit, asked of the server a moment after each change; the newest answer wins.
import { make, picture } from "../making";
import { type Kit } from "./model";

interface Counted {
  says: string;
  none: boolean;
  samples: { label: string; href: string; image: string; note: string }[];
  wrong: string;
}

// What the server has complained of already, as `told`, is not said a second time.
export function makeCounter(place: HTMLElement, kit: Kit, told: string): (written: string) => void {
  let timer = 0;
  let asked = 0;
  const show = (counted: Counted): void => {
    const says = make("span", { class: counted.none ? "text-warning-emphasis fw-medium" : "fw-medium" }, counted.says);
    const pictured = counted.samples.some((one) => one.image); // people have no pictures
    const samples = counted.samples.map((one) => {
      const shown = make("a", { class: "condition-sample", href: one.href, target: "_blank", rel: "noopener", title: one.note || one.label }, ...(pictured ? [picture(one.image, "sm")] : []));
      shown.append(make("span", { class: "text-truncate" }, one.label));
      return shown;
    });
    place.classList.toggle("is-none", counted.none);
    if (counted.wrong) place.replaceChildren(...(counted.wrong === told ? [] : [make("span", { class: "text-red" }, counted.wrong)]));
    else place.replaceChildren(says, ...(samples.length ? [make("div", { class: "condition-samples" }, ...samples)] : []));
    place.removeAttribute("aria-busy");
  };
  const ask = async (written: string): Promise<void> => {
    asked += 1;
    const mine = asked;
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
    const answer = await fetch(kit.count, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRF-Token": token },
      body: new URLSearchParams({ condition: written }),
    }).catch(() => undefined);
    if (mine !== asked) return;
    if (answer?.ok) show((await answer.json()) as Counted);
    else place.replaceChildren(make("span", { class: "text-secondary" }, kit.words["uncounted"] ?? ""));
  };
  return (written) => {
    if (!kit.count) return;
    window.clearTimeout(timer);
    place.setAttribute("aria-busy", "true");
    if (!place.childElementCount) place.append(make("span", { class: "text-secondary" }, kit.words["counting"] ?? ""));
    timer = window.setTimeout(() => void ask(written), 250);
  };
}
