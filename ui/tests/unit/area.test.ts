import { expect, test } from "vitest";
import { areaOf, limitTo, outwards } from "../../src/views/area";

test("an area is rounded outwards, so that no point on its edge is lost", () => {
  expect(outwards(12.34567, 9876.54)).toEqual([12.34, 9877]);
  expect(outwards(0.00123456, 0.1)).toEqual([0.001234, 0.1]);
});

test("an area becomes limits, and limits become the area", () => {
  const params = new URLSearchParams("cursor=3");
  limitTo(params, "ttft_p90_ms", "output_tps", [
    [300, 20],
    [100, 5000],
  ]);
  expect(params.toString()).toBe("min_ttft_p90_ms=20&max_ttft_p90_ms=300&min_output_tps=100&max_output_tps=5000");
  const points = { xs: [1, 1000], ys: [1, 9000] };
  expect(areaOf(params, "ttft_p90_ms", "output_tps", points)).toEqual([
    [20, 300],
    [100, 5000],
  ]);
  params.delete("min_output_tps");
  expect(areaOf(params, "ttft_p90_ms", "output_tps", points)?.[1]).toEqual([1, 5000]);
  limitTo(params, "ttft_p90_ms", "output_tps", undefined);
  expect(areaOf(params, "ttft_p90_ms", "output_tps", points)).toBeUndefined();
});
