/** How numbers, instants and configurations are written. A value that is not there is a dash and never a zero. */
import type { Configuration, Entry } from "./api/types";

export const NONE = "–";

const THREE_DIGITS = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const withDigits = (digits: number) => new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
// Made once: making one takes longer than writing a hundred numbers with it.
const [DOLLARS, CENTS, FOUR_DIGITS] = [withDigits(0), withDigits(2), withDigits(4)];
const PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

/** Three significant digits, and every digit before the point. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  return Math.abs(value) >= 100 ? WHOLE.format(value) : THREE_DIGITS.format(value);
}

export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? NONE : PERCENT.format(share);
}

/** USD: cents below a thousand, since many prices are a few of them. */
export function usd(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  const written = Math.abs(value) >= 1000 ? DOLLARS : Math.abs(value) >= 0.1 ? CENTS : FOUR_DIGITS;
  return `$${written.format(value)}`;
}

/** A day and a minute in UTC, as on the command line. */
export function instant(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : at.toISOString().slice(0, 16).replace("T", " ");
}

/** `1 h 5 min`, `42 s`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NONE;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A model with its precision, where that is known. */
export function modelOf({ model }: Configuration): string {
  return [model.model, model.quantisation].filter(Boolean).join(" ");
}

/** What serves it: hardware and engine. */
export function servedBy(configuration: Configuration, version?: string | null): string {
  const { engine, version: asked, args } = configuration.framework;
  const known = version ?? asked;
  return [configuration.hardware, engine, known, ...(args ?? [])].filter(Boolean).join(" · ");
}

/** How requests arrive, as the catalogue writes it: `c16`, `4 rps`. */
export function loadOf({ workload }: Configuration): string {
  const load = workload.load;
  return load.kind === "closed-loop" ? `${load.concurrency} in flight` : load.kind;
}

/** A number of an entry by the name of its column; the entry has not all that can be filtered by. */
export function valueOf(entry: Entry, column: string): number | null | undefined {
  const price = column.endsWith("_on_demand") ? "on_demand" : "spot";
  if (column.startsWith("serving_cost_per_mtok_")) return entry.serving_cost_per_mtok?.[price];
  if (column.startsWith("usd_per_hour_")) return entry.rent?.[price]?.usd_per_hour;
  return numberIn(entry, column);
}

/** A number of anything that has numbers under the names of columns. */
export function numberIn(thing: object, column: string): number | null {
  const value = (thing as Record<string, unknown>)[column];
  return typeof value === "number" ? value : null;
}

/** What limits a conclusion, in words. */
export const FLAGS: Record<string, string> = {
  client_limited: "the load generator was the bottleneck",
  rate_limited: "the key's rate limit was the bottleneck",
  not_steady: "no steady state was found",
  not_converged: "the intervals are wider than asked for",
  output_length_off: "answers were not as long as asked for",
  input_length_off: "prompts were not as long as asked for",
  some_failed: "some requests failed",
  other_definition: "a number is by the definition of another tool",
  hardware_unverified: "nobody looked whether the hardware is what it is said to be",
};
