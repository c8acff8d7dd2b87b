/** The shapes of the API by the names that the page uses, from its own description (`npm run types`). */
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Page = Schemas["Page"];
export type Entry = Schemas["CatalogEntry"];
export type Configuration = Schemas["Configuration"];
export type Provenance = Schemas["Provenance"];
export type Rent = Schemas["Rent"];
export type RecommendationRequest = Schemas["RecommendationRequest"];
export type Recommendation = Schemas["Recommendation"];
export type RankedEntry = Schemas["RankedEntry"];
export interface Points {
  x: Quantity;
  y: Quantity;
  config_ids: string[];
  xs: number[];
  ys: number[];
  labels: Record<string, { values: string[]; codes: number[] }>;
  not_comparable: number[];
  fronts: { provenance: Provenance; use_case: string; members: number[] }[];
  total: number;
  left_out: number;
  thinned: number;
}
export interface Quantity {
  column: string;
  unit: string;
  better?: "less" | "more" | null;
}
export interface Comparison {
  configurations: Entry[];
  price: string;
  metrics: ComparedMetric[];
  differences: { axis: string; values: string[] }[];
  warnings: { kind: string; of: number[]; text: string }[];
}
export interface ComparedMetric extends Quantity {
  values: (number | null)[];
  intervals: ({ low: number; high: number } | null)[];
  best: number[];
  distinguishable?: boolean | null;
}
export interface History {
  config_id?: string;
  entries: HistoryEntry[];
}
export interface HistoryEntry {
  run_id: string;
  measured_at: string;
  provenance: Provenance;
  engine_version?: string | null;
  engine_version_changed?: boolean;
  flags?: string[];
  [column: string]: unknown;
}
