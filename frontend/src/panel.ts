// What the panel's pages do in the browser. Everything is driven by data-attributes; see web/parts.html.
import htmx from "htmx.org";
import { watchAddresses } from "./addresses";
import { drawCharts } from "./chart-places";
import { watchCopying } from "./copying";
import { showDepending } from "./depending";
import { watchDialogs } from "./dialogs";
import { watchMenus } from "./menus";
import { watchLadders } from "./ladder";
import { showMoments } from "./moments";
import { quietPictures, watchPictures } from "./pictures";
import { showRefused } from "./refused";
import { watchSearch } from "./search";
import { watchSelectors } from "./selectors";
import { watchSliders } from "./sliders";
import { watchSorting } from "./sorting";
import { nameColumns } from "./tables";
import { watchThemes } from "./themes";
import { showToasts } from "./toasts";
import { watchTroubles } from "./troubles";

interface RequestContext {
  request: { method: string; headers: Record<string, string> };
}

// A token for every request of htmx that changes something; forms carry their own.
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = (event as CustomEvent<{ ctx: RequestContext }>).detail;
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
  if (token) ctx.request.headers["X-CSRF-Token"] = token;
});

function refresh(root: ParentNode): Promise<unknown> {
  showMoments(root);
  drawCharts(root);
  showToasts(root);
  quietPictures(root);
  nameColumns(root);
  showDepending(root);
  // Loaded where there is one.
  const pickers = root.querySelector("[data-picker]") && import("./pickers").then((part) => part.showPickers(root));
  const conditions = root.querySelector("[data-condition]") && import("./conditions/editor").then((part) => part.showConditions(root));
  return Promise.all([pickers, conditions]);
}

document.addEventListener("htmx:after:swap", () => void refresh(document));

// What was typed before htmx began to listen is said once more.
document.addEventListener(
  "htmx:after:process",
  () => {
    const box = document.activeElement;
    if (box instanceof HTMLInputElement && box.value !== box.defaultValue) box.dispatchEvent(new Event("input", { bubbles: true }));
  },
  { once: true },
);

watchThemes();
watchTroubles();
watchMenus();
watchSearch();
watchDialogs();
watchCopying();
watchPictures();
watchAddresses();
watchSelectors();
watchSliders();
watchSorting();
watchLadders();
void refresh(document).finally(showRefused);

// htmx listens by itself once it is loaded; named here so that the bundler keeps it.
document.documentElement.dataset.htmx = htmx.version;
