// Loads the charts only on pages that have one.

export function drawCharts(root: ParentNode): void {
  const places = [...root.querySelectorAll<HTMLElement>("[data-chart]:not([data-drawn])")];
  if (!places.length) return;
  for (const place of places) place.dataset.drawn = "yes";
  void import("./charts").then(({ draw }) => {
    for (const place of places) draw(place);
  });
}
