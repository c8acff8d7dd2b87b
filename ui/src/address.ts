/** The **address** is what the URL says after `#`: which view, and everything that was chosen in it. */
import { signal } from "@preact/signals";

export const VIEWS = ["catalogue", "recommend", "compare", "history", "campaigns", "campaign", "imports"] as const;
export type View = (typeof VIEWS)[number];

export interface Address {
  view: View;
  params: URLSearchParams;
}

/** Reads an address; what is no view leads to the catalogue. */
export function parseAddress(hash: string): Address {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const view = VIEWS.find((known) => known === path) ?? "catalogue";
  return { view, params: new URLSearchParams(query) };
}

/** Writes an address, without parameters that are empty. */
export function writeAddress({ view, params }: Address): string {
  const kept = new URLSearchParams([...params].filter(([, value]) => value !== ""));
  const query = kept.toString();
  return `#/${view}${query ? `?${query}` : ""}`;
}

/** The address of a view with these parameters, for a link. */
export function link(view: View, params: Record<string, string | string[] | undefined> = {}): string {
  const pairs = Object.entries(params).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? ""]).map((one) => [name, one]),
  );
  return writeAddress({ view, params: new URLSearchParams(pairs) });
}

/** Where the page is now. */
export const address = signal<Address>(parseAddress(globalThis.location?.hash ?? ""));

globalThis.addEventListener?.("hashchange", () => {
  address.value = parseAddress(location.hash);
});

/**
 * Changes parameters of the current view. What is typed or slid replaces the entry of the history, so that the back
 * button leads to what was chosen before and not through every letter.
 */
export function change(edit: (params: URLSearchParams) => void, replace = false): void {
  const { view, params } = address.peek();
  const next = new URLSearchParams(params);
  edit(next);
  const hash = writeAddress({ view, params: next });
  if (hash === location.hash) return;
  if (replace) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  address.value = parseAddress(hash);
}

/** Sets a parameter, or takes it away. */
export function set(params: URLSearchParams, name: string, value: string | null | undefined): void {
  if (value === null || value === undefined || value === "") params.delete(name);
  else params.set(name, value);
}

/** Adds a value of a parameter that may have several, or takes it away. */
export function toggle(params: URLSearchParams, name: string, value: string): void {
  if (params.getAll(name).includes(value)) params.delete(name, value);
  else params.append(name, value);
}
