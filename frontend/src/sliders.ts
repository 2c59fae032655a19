// A slider tells its value beside itself while it moves: <input type="range" data-slider> and <output for="its id">.

export function watchSliders(): void {
  document.addEventListener("input", (event) => {
    const slider = event.target as HTMLInputElement;
    if (!slider.matches?.("[data-slider]")) return;
    const told = document.querySelector<HTMLOutputElement>(`output[for="${slider.id}"]`);
    if (told) told.value = slider.value;
  });
  // Enter would press the first button of the form, as in a field of text; a slider is tried by moving it.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.target as Element).matches("[data-slider]")) event.preventDefault();
  });
}
