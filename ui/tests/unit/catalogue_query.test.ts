import { expect, test } from "vitest";
import { choose, nextSort, pageOf, rangesOf, tableOf } from "../../src/views/catalogue_query";

test("the API is asked with filters, limits, order and place, and with nothing that is the page's own", () => {
  const params = new URLSearchParams("engine=vllm&engine=tgi&max_ttft_p90_ms=300&sort=-output_tps&pick=abc&x=rps&bound=e2e_p90_ms");
  expect(pageOf(params)).toBe("/v1/catalog?engine=vllm&engine=tgi&max_ttft_p90_ms=300&sort=-output_tps&limit=50");
});

test("a download is of all that match, whichever page is shown", () => {
  const params = new URLSearchParams("engine=vllm&min_rps=2&sort=-output_tps&cursor=abc&pick=abc&x=rps");
  expect(tableOf(params, "csv")).toBe("/v1/catalog.csv?engine=vllm&min_rps=2&sort=-output_tps");
  expect(tableOf(new URLSearchParams(), "parquet")).toBe("/v1/catalog.parquet");
});

test("limits are listed by column", () => {
  expect(rangesOf(new URLSearchParams("min_output_tps=10&max_ttft_p90_ms=300&max_output_tps=20"))).toEqual([
    { column: "output_tps", min: "10", max: "20" },
    { column: "ttft_p90_ms", min: "", max: "300" },
  ]);
});

test("a column is sorted by its better end first", () => {
  const after = (sort: string, better: "less" | "more") => nextSort(new URLSearchParams({ sort }), "rps", better);
  expect(after("", "more")).toBe("-rps");
  expect(after("-rps", "more")).toBe("rps");
  expect(after("rps", "more")).toBe("");
  expect(after("", "less")).toBe("rps");
});

test("several models may be wanted, and one provenance", () => {
  const params = new URLSearchParams("cursor=abc");
  choose(params, "model", "a");
  choose(params, "model", "b");
  choose(params, "provenance", "measured");
  choose(params, "provenance", "simulated");
  expect(params.toString()).toBe("model=a&model=b&provenance=simulated");
  choose(params, "provenance", "simulated");
  expect(params.has("provenance")).toBe(false);
});
