/**
 * Ignores what is dropped on the page and would be opened in its place or beside it: files, and outside of fields links and
 * pictures. Text can still be dropped into a field, links too.
 */
export function ignoreDroppedFiles(): void {
  for (const name of ["dragover", "drop"] as const) {
    window.addEventListener(name, (event) => {
      if (event.dataTransfer === null || !wouldBeOpened(event.dataTransfer, event.target)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    });
  }
}

function wouldBeOpened({ types }: DataTransfer, target: EventTarget | null): boolean {
  if (types.includes("Files")) return true;
  const isField = target instanceof Element && target.closest("input, textarea") !== null;
  return types.includes("text/uri-list") && !isField;
}
