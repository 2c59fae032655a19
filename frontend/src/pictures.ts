// A picture that the shop no longer has leaves a quiet empty place instead of the browser's broken sign.

export function quietPictures(root: ParentNode): void {
  for (const picture of root.querySelectorAll<HTMLImageElement>("img")) {
    if (picture.complete && !picture.naturalWidth && picture.src) picture.classList.add("is-missing");
  }
}

export function watchPictures(): void {
  // The error of a picture does not bubble: it is caught on its way down.
  document.addEventListener(
    "error",
    (event) => {
      if (event.target instanceof HTMLImageElement) event.target.classList.add("is-missing");
    },
    true,
  );
}
