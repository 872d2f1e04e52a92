// What the address keeps, so that a reload finds it again.

export function remembered(name: "invitation" | "job" | "plan" | "desk"): string | null {
  return new URLSearchParams(location.hash.slice(1)).get(name);
}

export function remember(name: "job" | "plan" | "desk" | null, id: string): void {
  history.replaceState(null, "", name ? `#${name}=${id}` : location.pathname);
}
