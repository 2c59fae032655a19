// On a phone a wide table stands row by row: each cell is told the name of its column, which the style shows.

export function nameColumns(root: ParentNode): void {
  for (const table of root.querySelectorAll<HTMLTableElement>("table.table-wide")) {
    const names = [...(table.tHead?.rows[0]?.cells ?? [])].map(nameOf);
    for (const row of table.tBodies[0]?.rows ?? []) {
      let column = 0;
      for (const cell of row.cells) {
        cell.dataset["column"] = cell.colSpan > 1 ? "" : (names[column] ?? "");
        column += cell.colSpan;
      }
    }
  }
}

// The heading without the explanation that may stand beside it.
function nameOf(heading: HTMLTableCellElement): string {
  const copy = heading.cloneNode(true) as HTMLElement;
  for (const aside of copy.querySelectorAll("details")) aside.remove();
  return copy.textContent?.trim() ?? "";
}
