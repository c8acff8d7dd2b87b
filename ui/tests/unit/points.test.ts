import { expect, test } from "vitest";
import type { Points } from "../../src/api/types";
import { grouped, describe as inWords, indexOf, labelOf, scaleOf, scatter, stepOf } from "../../src/views/points";

const SHAPE = { input_tokens: 512, output_tokens: 128 };

const POINTS: Points = {
  x: { column: "ttft_p90_ms", unit: "ms", better: "less" },
  y: { column: "output_tps", unit: "tokens/s", better: "more" },
  config_ids: ["a", "b", "c"],
  xs: [10, 20, 5],
  ys: [100, 200, 999],
  labels: {
    model: { values: ["m", "n"], codes: [0, 1, 0] },
    provenance: { values: ["measured", "simulated"], codes: [0, 0, 1] },
  },
  not_comparable: [],
  fronts: [
    { provenance: "measured", use_case: "chatbot", shape: SHAPE, members: [0, 1] },
    { provenance: "simulated", use_case: "chatbot", shape: SHAPE, members: [2] },
  ],
  total: 3,
  left_out: 0,
  thinned: 0,
};

const PALETTE = {
  ink: "black",
  muted: "grey",
  line: "grey",
  background: "white",
  provenance: { measured: "green", simulated: "brown" },
};

test("points of different provenance are never drawn as one, nor joined by a front", () => {
  const { series } = scatter(POINTS, PALETTE, false) as { series: { type: string; name: string; data: { name: string }[] }[] };
  const drawn = series.map(({ type, name, data }) => [type, name, data.map((point) => point.name)]);
  expect(drawn).toEqual([
    ["scatter", "measured", ["0", "1"]],
    ["scatter", "simulated", ["2"]],
    ["line", "front, measured", ["0", "1"]],
    ["line", "front, simulated", ["2"]],
  ]);
});

test("many points of one kind are drawn as one, as plain numbers", () => {
  const count = 5000;
  const many: Points = {
    ...POINTS,
    xs: Array.from({ length: count }, (_, index) => index + 1),
    ys: Array.from({ length: count }, (_, index) => index + 2),
    labels: { provenance: { values: ["measured"], codes: Array(count).fill(0) } },
    fronts: [],
  };
  const { series } = scatter(many, PALETTE, false) as { series: { large: boolean; data: Float64Array }[] };
  expect(series).toHaveLength(1);
  expect(series[0]?.large).toBe(true);
  expect([...(series[0]?.data.slice(0, 4) ?? [])]).toEqual([1, 2, 2, 3]);
});

test("a point is found again by what the plot tells of it", () => {
  const groups = grouped(POINTS);
  expect(indexOf(POINTS, groups, { seriesId: "points simulated", dataIndex: 0 })).toBe(2);
  expect(indexOf(POINTS, groups, { seriesId: "front 0", dataIndex: 1 })).toBe(1);
  expect(indexOf(POINTS, groups, { seriesId: "points measured", dataIndex: 7 })).toBeUndefined();
});

test("a point in words says where its numbers come from", () => {
  expect(labelOf(POINTS, "model", 1)).toBe("n");
  expect(labelOf(POINTS, "nothing", 1)).toBe("");
  expect(inWords(POINTS, 2)[0]).toContain("(simulated)");
});

test("numbers far apart are drawn on a logarithmic scale, but none at or below zero", () => {
  expect(scaleOf([1, 100])).toBe("log");
  expect(scaleOf([1, 10])).toBe("value");
  expect(scaleOf([0, 100])).toBe("value");
});

test("a front goes on level until the next member is reached", () => {
  expect(stepOf("less")).toBe("end");
  expect(stepOf("more")).toBe("start");
});

test("what no front may have is drawn hollow and called so", () => {
  const points = { ...POINTS, not_comparable: [1] };
  const { series } = scatter(points, PALETTE, false) as { series: { name: string; itemStyle: { color: string } }[] };
  const hollow = series.find(({ name }) => name === "measured, not comparable");
  expect(hollow?.itemStyle.color).toBe("transparent");
  expect(indexOf(points, grouped(points), { seriesId: "points measured, not comparable", dataIndex: 0 })).toBe(1);
  expect(inWords(points, 1)[0]).toContain("(measured, not comparable)");
});
