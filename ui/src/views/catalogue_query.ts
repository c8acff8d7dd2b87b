/** What the catalogue is asked, from the parameters of the address: most have the API's own names. */
import { set, toggle } from "../address";

/** The axes that are filtered by, those that are looked at most first. */
export const AXES = [
  "provenance",
  "use_case",
  "model",
  "hardware",
  "engine",
  "quantisation",
  "accelerator",
  "framework",
  "engine_version",
  "shape",
  "load",
  "protocol",
] as const;
export type Axis = (typeof AXES)[number];

/** Axes of which any of several values may be wanted; of the others it is one. */
const SEVERAL: readonly Axis[] = ["model", "quantisation", "accelerator", "hardware", "engine", "engine_version"];

/** Chooses a value of an axis, or no longer. */
export function choose(params: URLSearchParams, axis: Axis, value: string): void {
  const chosen = params.getAll(axis).includes(value);
  if (SEVERAL.includes(axis)) toggle(params, axis, value);
  else set(params, axis, chosen ? "" : value);
  params.delete("cursor");
}

export const AXIS_TITLES: Record<Axis, string> = {
  provenance: "Provenance",
  use_case: "Use case",
  model: "Model",
  hardware: "Hardware",
  engine: "Engine",
  quantisation: "Precision",
  accelerator: "GPU",
  framework: "Engine as asked for",
  engine_version: "Engine version",
  shape: "Tokens in > out",
  load: "Load",
  protocol: "Protocol",
};

/** Rows of a page. */
export const PAGE_ROWS = 50;

/** Everything that says which results are meant, without which of their rows are shown. */
export function filterOf(params: URLSearchParams): URLSearchParams {
  const kept = [...params].filter(([name]) => (AXES as readonly string[]).includes(name) || isRange(name));
  return new URLSearchParams(kept);
}

function isRange(name: string): boolean {
  return name.startsWith("min_") || name.startsWith("max_");
}

/** A page of the catalogue. */
export function pageOf(params: URLSearchParams): string {
  const query = stated(params, "sort", "cursor");
  query.set("limit", String(PAGE_ROWS));
  return `/v1/catalog?${query}`;
}

/** The forms in which all results that match are downloaded, by the ends of their names. */
export const TABLE_FORMS = { csv: "CSV", parquet: "Parquet" } as const;
export type TableForm = keyof typeof TABLE_FORMS;

/** All results that match, as a file: in the order of the table, and whichever of its pages is shown. */
export function tableOf(params: URLSearchParams, form: TableForm): string {
  const query = String(stated(params, "sort"));
  return `/v1/catalog.${form}${query && `?${query}`}`;
}

/** The filter, and of these parameters those that are stated. */
function stated(params: URLSearchParams, ...names: string[]): URLSearchParams {
  const query = filterOf(params);
  for (const name of names) {
    const value = params.get(name);
    if (value) query.set(name, value);
  }
  return query;
}

/** A bound on one number. */
export interface Range {
  column: string;
  min: string;
  max: string;
}

/** The bounds, in the order in which they were stated. */
export function rangesOf(params: URLSearchParams): Range[] {
  const columns = new Set([...params.keys()].filter(isRange).map((name) => name.slice(4)));
  return [...columns].map((column) => ({
    column,
    min: params.get(`min_${column}`) ?? "",
    max: params.get(`max_${column}`) ?? "",
  }));
}

/** How a column is sorted by now. */
export function sortOf(params: URLSearchParams): { column: string; descending: boolean } | undefined {
  const sort = params.get("sort");
  if (!sort) return undefined;
  return sort.startsWith("-") ? { column: sort.slice(1), descending: true } : { column: sort, descending: false };
}

/** The next sort of a column: its better end first, then the other, then none. */
export function nextSort(params: URLSearchParams, column: string, better: "less" | "more"): string {
  const first = better === "more" ? `-${column}` : column;
  const second = better === "more" ? column : `-${column}`;
  const now = params.get("sort");
  return now === first ? second : now === second ? "" : first;
}
