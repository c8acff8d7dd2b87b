import { expect, test } from "vitest";
import { relaxed, requestOf, turnOf, weightsIn, weightsOf } from "../../src/views/recommendation_request";

test("a question is what was stated and nothing else", () => {
  expect(requestOf(new URLSearchParams())).toEqual({ use_case: "chatbot", provenance: "measured", price: "spot" });
  const params = new URLSearchParams("use_case=qa&slo_ttft_p99=300&slo_tpot_p50=20&model=a&model=b&target_rps=50&max_usd_per_month=9000");
  expect(requestOf(params)).toEqual({
    use_case: "qa",
    provenance: "measured",
    price: "spot",
    bounds: [
      { metric: "ttft", statistic: "p99", max_ms: 300 },
      { metric: "tpot", statistic: "p50", max_ms: 20 },
    ],
    filter: { model: ["a", "b"] },
    target_rps: 50,
    max_usd_per_month: 9000,
  });
});

test("no limits is another question than the usual ones", () => {
  expect(requestOf(new URLSearchParams("no_slo=1")).bounds).toEqual([]);
  expect(requestOf(new URLSearchParams()).bounds).toBeUndefined();
});

test("weights add up to 1 and are left out while no slider was moved", () => {
  expect(weightsOf(new URLSearchParams())).toBeUndefined();
  const weights = weightsOf(new URLSearchParams("w_latency=30&w_cost=30"));
  expect(weights).toEqual({ latency: 0.5, throughput: 0, cost: 0.5, accuracy: 0, memory: 0 });
  expect(weightsOf(new URLSearchParams("w_latency=0"))).toBeUndefined();
});

test("sliders stand where the answer's weights are", () => {
  const weights = [
    { criterion: "ttft_p90", weight: 0.2 },
    { criterion: "tpot_p90", weight: 0.2 },
    { criterion: "usd_per_month", weight: 0.6 },
  ];
  expect(weightsIn({ weights })).toEqual({ latency: 0.4, throughput: 0, cost: 0.6, accuracy: 0, memory: 0 });
});

test("a relaxed limit is never tighter than what is needed", () => {
  const limit = { kind: "latency", bound: { metric: "ttft", statistic: "p90", max_ms: 10 } } as const;
  const mended = relaxed(limit, 16.0845844);
  expect(mended?.name).toBe("slo_ttft_p90");
  expect(Number(mended?.value)).toBeGreaterThanOrEqual(16.0845844);
  expect(Number(relaxed({ kind: "usd_per_hour" }, 20.2)?.value)).toBe(20.2);
});

test("traffic may be described by its numbers", () => {
  const { use_case, input_tokens, output_tokens, concurrency } = requestOf(
    new URLSearchParams("use_case=other&input_tokens=700&output_tokens=150&concurrency=24&shape=512>128"),
  );
  expect([use_case, input_tokens, output_tokens, concurrency]).toEqual([undefined, 700, 150, 24]);
});

test("an order counts for the method that has one, with its tolerances", () => {
  expect(turnOf("ttft_p90:2.5%")).toEqual({ criterion: "ttft_p90", tolerance: 0.025 });
  expect(turnOf("memory")).toEqual({ criterion: "memory" });
  expect(requestOf(new URLSearchParams("order=memory")).order).toBeUndefined();
  expect(requestOf(new URLSearchParams("method=lexicographic&order=memory&order=output_tps:10%")).order).toEqual([
    { criterion: "memory" },
    { criterion: "output_tps", tolerance: 0.1 },
  ]);
});
