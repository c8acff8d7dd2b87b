/** The **columns** are the numbers of the catalogue, by the API's names, in words. */

export interface Column {
  name: string;
  label: string;
  unit: string;
  better: "less" | "more";
}

const LATENCIES = [
  ["ttft", "TTFT"],
  ["tpot", "TPOT"],
  ["itl", "ITL"],
  ["e2e", "End to end"],
] as const;
const STATISTICS = ["p50", "p90", "p95", "p99", "mean"];
const PRICES = [
  ["spot", "spot"],
  ["on_demand", "on demand"],
] as const;

export const COLUMNS: readonly Column[] = [
  ...LATENCIES.flatMap(([metric, label]) =>
    STATISTICS.map(
      (statistic): Column => ({ name: `${metric}_${statistic}_ms`, label: `${label} ${statistic}`, unit: "ms", better: "less" }),
    ),
  ),
  { name: "output_tps", label: "Output tokens", unit: "tokens/s", better: "more" },
  { name: "rps", label: "Requests", unit: "requests/s", better: "more" },
  ...PRICES.map(
    ([price, label]): Column => ({ name: `serving_cost_per_mtok_${price}`, label: `Cost, ${label}`, unit: "USD/Mtok", better: "less" }),
  ),
  ...PRICES.map(
    ([price, label]): Column => ({ name: `usd_per_hour_${price}`, label: `Machine, ${label}`, unit: "USD/h", better: "less" }),
  ),
  { name: "task_accuracy", label: "Task accuracy", unit: "of 1", better: "more" },
  { name: "fidelity", label: "Fidelity", unit: "of 1", better: "more" },
  { name: "gpu_memory_gib", label: "GPU memory", unit: "GiB", better: "less" },
  { name: "failed_share", label: "Failed requests", unit: "of 1", better: "less" },
];

const BY_NAME = new Map(COLUMNS.map((column) => [column.name, column]));

/** A column by its name; one that this page does not know is shown as the API names it. */
export function columnNamed(name: string): Column {
  return BY_NAME.get(name) ?? { name, label: name, unit: "", better: "less" };
}

/** What it is called with its unit. */
export function titled({ label, unit }: Column): string {
  return unit ? `${label}, ${unit}` : label;
}
