// What somebody has typed and not sent stays when a part of the screen is made anew.

/** Texts that differ from what stood there at first, by the id of their field. */
export function typedIn(element: HTMLElement): Map<string, string> {
  const fields = [...element.querySelectorAll("textarea")];
  return new Map(
    fields.filter(({ value, defaultValue }) => value !== defaultValue).map(({ id, value }) => [id, value]),
  );
}

/** Put texts back where their fields still are, and unfold what holds them. */
export function putBack(element: HTMLElement, typed: Map<string, string>): void {
  for (const field of element.querySelectorAll("textarea")) {
    const text = typed.get(field.id);
    if (text === undefined) continue;
    field.value = text;
    const folded = field.closest("details");
    if (folded) folded.open = true;
  }
}
