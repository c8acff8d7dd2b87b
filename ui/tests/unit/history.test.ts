import { expect, test } from "vitest";
import type { HistoryEntry } from "../../src/api/types";
import { changesOf, historyPlot } from "../../src/views/history_plot";

function run(day: string, version: string, changed: boolean, tps: number | null, provenance = "measured"): HistoryEntry {
  return {
    run_id: day,
    measured_at: `${day}T00:00:00Z`,
    provenance,
    engine_version: version,
    engine_version_changed: changed,
    rankable: true,
    output_tps: tps,
  } as HistoryEntry;
}

const RUNS = [run("2026-01-01", "0.9", false, 100), run("2026-01-02", "0.10", true, 120), run("2026-01-03", "0.10", false, null, "simulated")];

test("a mark stands where the engine's version changed, with what it became", () => {
  expect(changesOf(RUNS)).toEqual([{ at: "2026-01-02T00:00:00Z", version: "0.10" }]);
});

test("each provenance has a line of its own, and a value that is missing breaks it", () => {
  const palette = { ink: "", muted: "", line: "", background: "", provenance: {} };
  const { series } = historyPlot(RUNS, "output_tps", palette) as { series: { name: string; data: unknown[]; markLine?: { data: unknown[] } }[] };
  expect(series.map(({ name, data }) => [name, data])).toEqual([
    ["measured", [["2026-01-01T00:00:00Z", 100], ["2026-01-02T00:00:00Z", 120]]],
    ["simulated", [["2026-01-03T00:00:00Z", null]]],
  ]);
  expect(series[0]?.markLine?.data).toEqual([{ xAxis: "2026-01-02T00:00:00Z", name: "0.10" }]);
});
