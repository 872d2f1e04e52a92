// Elements without a framework: a tag, what it has, what is in it.

export type Child = Node | string | null | false | undefined;
type Handlers = {
  [Name in keyof HTMLElementEventMap as `on${Name}`]?: (event: HTMLElementEventMap[Name]) => void;
};
type Attributes = Handlers & Record<string, unknown>;

/** Make an element; `on...` are listeners, false and null leave an attribute out, true sets it. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, String(value));
  }
  element.append(
    ...children.filter((child): child is Node | string => child instanceof Node || typeof child === "string"),
  );
  return element;
}

/** Words for where a library would take a string for HTML. */
export const words = (text: string): HTMLElement => h("span", {}, text);

const SVG = "http://www.w3.org/2000/svg";

/** Make an SVG element; colours go in as attributes, which a strict content policy lets pass. */
export function svg(
  tag: string,
  attributes: Record<string, string | number>,
  ...children: SVGElement[]
): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Return the element of an id that the page is known to have. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element #${id}`);
  return element;
}

/** Tell a screen reader what changed. */
export function announce(text: string): void {
  byId("status").textContent = text;
}
