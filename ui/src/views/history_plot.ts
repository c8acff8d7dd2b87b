/** What is drawn of a history: a line for each provenance, and a mark where the engine's version changed. */
import type { EChartsCoreOption } from "echarts/core";
import type { HistoryEntry } from "../api/types";
import { columnNamed, titled } from "../columns";
import { instant, number, numberIn } from "../format";
import type { Palette } from "../plots/chart";
import { tooltip } from "../plots/tooltip";

/** Where the version changed, with what it became. */
export function changesOf(entries: readonly HistoryEntry[]): { at: string; version: string }[] {
  return entries
    .filter((entry) => entry.engine_version_changed)
    .map((entry) => ({ at: entry.measured_at, version: entry.engine_version ?? "unknown version" }));
}

export function historyPlot(entries: readonly HistoryEntry[], column: string, palette: Palette): EChartsCoreOption {
  const provenances = [...new Set(entries.map(({ provenance }) => provenance))];
  const about = columnNamed(column);
  const series = provenances.map((provenance, place) => {
    const color = palette.provenance[provenance] ?? palette.ink;
    const own = entries.filter((entry) => entry.provenance === provenance);
    return {
      type: "line",
      name: provenance,
      data: own.map((entry) => [entry.measured_at, numberIn(entry, column)]),
      symbol: provenance === "measured" ? "circle" : "triangle",
      symbolSize: 9,
      connectNulls: false,
      itemStyle: { color },
      lineStyle: { color, type: provenance === "measured" ? "solid" : "dashed" },
      markLine: place === 0 ? versionMarks(entries, palette) : undefined,
    };
  });
  return {
    legend: { data: provenances, textStyle: { color: palette.ink }, top: 0, left: 0 },
    grid: { left: 12, right: 24, top: 80, bottom: 12, containLabel: true },
    tooltip: {
      ...tooltip(palette),
      formatter: ({ value, seriesName }: { value: [string, number | null]; seriesName: string }) =>
        `${instant(value[0])} UTC, ${seriesName}\n${about.label}: ${number(value[1])} ${about.unit}`,
    },
    xAxis: { type: "time", axisLabel: { color: palette.muted, hideOverlap: true }, axisLine: { lineStyle: { color: palette.line } } },
    yAxis: {
      type: "value",
      name: `${titled(about)}, ${about.better} is better`,
      // Above the versions.
      nameGap: 24,
      nameTextStyle: { color: palette.ink, align: "left" },
      scale: true,
      axisLabel: { color: palette.muted },
      splitLine: { lineStyle: { color: palette.line } },
    },
    series,
  };
}

function versionMarks(entries: readonly HistoryEntry[], palette: Palette): object {
  return {
    symbol: "none",
    silent: true,
    lineStyle: { color: palette.ink, type: "dotted" },
    label: { color: palette.ink, formatter: ({ name }: { name: string }) => name, position: "end", fontSize: 11 },
    data: changesOf(entries).map(({ at, version }) => ({ xAxis: at, name: version })),
  };
}
