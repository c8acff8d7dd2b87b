/** The question of a recommendation, from the parameters of the address. */
import type { RecommendationRequest } from "../api/types";

export const USE_CASES = ["chatbot", "summarization", "qa", "code-generation", "creative-writing"] as const;
/** Instead of a use case: traffic is described by its numbers. */
export const BY_NUMBERS = "other";
export const GROUPS = ["latency", "throughput", "cost", "accuracy", "memory"] as const;
export type Group = (typeof GROUPS)[number];
export type WeightsStated = Record<Group, number>;

/** Which criterion belongs to which group of weights. */
export const GROUP_OF: Record<string, Group> = {
  ttft_p90: "latency",
  tpot_p90: "latency",
  output_tps: "throughput",
  serving_cost_per_mtok: "cost",
  usd_per_month: "cost",
  task_accuracy: "accuracy",
  fidelity: "accuracy",
  accuracy: "accuracy",
  memory: "memory",
};

/** The axes that say what competes. */
export const COMPETING = ["model", "quantisation", "hardware", "engine"] as const;

/** A bound is a parameter such as `slo_ttft_p99=300`, in ms. */
const SLO = /^slo_(ttft|tpot|itl|e2e)_(mean|p50|p90|p95|p99)$/;

export interface Bound {
  metric: "ttft" | "tpot" | "itl" | "e2e";
  statistic: "mean" | "p50" | "p90" | "p95" | "p99";
  max_ms: number;
}

/** The bounds that are stated. */
export function boundsOf(params: URLSearchParams): Bound[] {
  return [...params].flatMap(([name, value]) => {
    const [, metric, statistic] = SLO.exec(name) ?? [];
    const max = Number(value);
    return metric && max > 0 ? [{ metric, statistic, max_ms: max } as Bound] : [];
  });
}

/** The weights that are stated, as shares of 1; none when the use case's own count. */
export function weightsOf(params: URLSearchParams): WeightsStated | undefined {
  const stated = GROUPS.map((group) => Math.max(0, Number(params.get(`w_${group}`) ?? 0)));
  const sum = stated.reduce((total, one) => total + one, 0);
  if (!GROUPS.some((group) => params.has(`w_${group}`)) || sum === 0) return undefined;
  // The last one is what is left, so that they add up to 1 whatever was rounded.
  const shares = stated.map((one) => one / sum);
  return Object.fromEntries(GROUPS.map((group, place) => [group, shares[place]])) as WeightsStated;
}

/** The weights of each group in an answer: where the sliders stand until one is moved. */
export function weightsIn(answer: { weights: { criterion: string; weight: number }[]; criteria_dropped?: { criterion: string; weight: number }[] }): WeightsStated {
  const sums: WeightsStated = { latency: 0, throughput: 0, cost: 0, accuracy: 0, memory: 0 };
  for (const { criterion, weight } of answer.weights) {
    const group = GROUP_OF[criterion];
    if (group) sums[group] += weight;
  }
  return sums;
}

/** A criterion in its turn, written as on the command line: `ttft_p90:5%`. */
export function turnOf(written: string): { criterion: string; tolerance?: number } {
  const [criterion = "", percent] = written.split(":");
  const tolerance = percent === undefined ? NaN : Number.parseFloat(percent) / 100;
  return tolerance > 0 ? { criterion, tolerance } : { criterion };
}

/** The body of `POST /v1/recommendations`. */
export function requestOf(params: URLSearchParams): RecommendationRequest {
  const amount = (name: string) => {
    const value = Number(params.get(name));
    return params.get(name) && Number.isFinite(value) ? value : undefined;
  };
  const bounds = boundsOf(params);
  const filter = Object.fromEntries(COMPETING.flatMap((axis) => (params.has(axis) ? [[axis, params.getAll(axis)]] : [])));
  const atLeast = amount("min_accuracy");
  const order = params.getAll("order").map(turnOf);
  const by_numbers = params.get("use_case") === BY_NUMBERS;
  const lexicographic = params.get("method") === "lexicographic";
  const request: Record<string, unknown> = {
    use_case: by_numbers ? undefined : (params.get("use_case") ?? USE_CASES[0]),
    shape: by_numbers ? undefined : (params.get("shape") ?? undefined),
    input_tokens: by_numbers ? amount("input_tokens") : undefined,
    output_tokens: by_numbers ? amount("output_tokens") : undefined,
    concurrency: by_numbers ? amount("concurrency") : undefined,
    provenance: params.get("provenance") ?? "measured",
    price: params.get("price") ?? "spot",
    bounds: bounds.length > 0 ? bounds : params.has("no_slo") ? [] : undefined,
    filter: Object.keys(filter).length > 0 ? filter : undefined,
    target_rps: amount("target_rps"),
    max_usd_per_hour: amount("max_usd_per_hour"),
    max_usd_per_month: amount("max_usd_per_month"),
    min_accuracy: atLeast === undefined ? undefined : { measure: params.get("accuracy") ?? "task_accuracy", at_least: atLeast },
    weights: weightsOf(params),
    method: params.get("method") ?? undefined,
    order: lexicographic && order.length > 0 ? order : undefined,
    limit: amount("limit"),
  };
  return JSON.parse(JSON.stringify(request));
}

/** The parameter that states a limit of the question, and the value that it would have to have. */
export function relaxed(limit: RelaxedLimit, needed: number): { name: string; value: string } | undefined {
  const up = (value: number) => Number(value.toPrecision(4)) >= value ? value.toPrecision(4) : (value * 1.001).toPrecision(4);
  switch (limit.kind) {
    case "latency":
      return limit.bound ? { name: `slo_${limit.bound.metric}_${limit.bound.statistic}`, value: String(Number(up(needed))) } : undefined;
    case "usd_per_hour":
      return { name: "max_usd_per_hour", value: String(Number(up(needed))) };
    case "usd_per_month":
      return { name: "max_usd_per_month", value: String(Number(up(needed))) };
    case "accuracy":
      return { name: "min_accuracy", value: String(Math.floor(needed * 1e4) / 1e4) };
    default:
      return undefined;
  }
}

export interface RelaxedLimit {
  kind: string;
  bound?: Bound;
  max?: number;
  at_least?: number;
  measure?: string;
}

/** A limit in words. */
export function limitInWords(limit: RelaxedLimit): string {
  switch (limit.kind) {
    case "latency":
      return limit.bound ? `${limit.bound.metric} ${limit.bound.statistic} at most ${limit.bound.max_ms} ms` : "a latency";
    case "usd_per_hour":
      return `at most ${limit.max} USD per hour`;
    case "usd_per_month":
      return `at most ${limit.max} USD per month`;
    case "accuracy":
      return `${(limit.measure ?? "accuracy").replaceAll("_", " ")} at least ${limit.at_least}`;
    default:
      return limit.kind.replaceAll("_", " ");
  }
}
