/**
 * Ignores files that are dropped on the page: the browser would open them in its place. Text can still be dropped into a field.
 */
export function ignoreDroppedFiles(): void {
  for (const name of ["dragover", "drop"] as const) {
    window.addEventListener(name, (event) => {
      if (event.dataTransfer === null || !holdsFile(event.dataTransfer)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    });
  }
}

/** Whether something is dragged that the browser would open: a file, or a link or picture outside a field. */
function holdsFile({ types }: DataTransfer): boolean {
  return types.includes("Files");
}
