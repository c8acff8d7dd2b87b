/** The **points** of a scatter plot as the API sends them, and what is drawn of them. */
import type { EChartsCoreOption } from "echarts/core";
import type { Palette } from "../plots/chart";
import { tooltip } from "../plots/tooltip";
import type { Points } from "../api/types";
import { columnNamed, titled } from "../columns";
import { number } from "../format";

/** A point is told apart by its form too, and not by its colour alone. */
const SYMBOLS: Record<string, string> = {
  measured: "circle",
  imported: "diamond",
  simulated: "triangle",
  forecast: "rect",
};

/** Above so many points of one kind they are drawn as one. */
const LARGE = 3000;

/** Fronts that are named in the legend; of more of them nobody reads the names. */
const MOST_NAMED = 4;

/** What a point is called on an axis. */
export function labelOf(points: Points, axis: string, index: number): string {
  const labels = (points.labels as Record<string, { values: string[]; codes: number[] }>)[axis];
  const code = labels?.codes[index];
  return code === undefined ? "" : (labels?.values[code] ?? "");
}

/** A point in words. */
export function describe(points: Points, index: number): string[] {
  const on = (axis: string) => labelOf(points, axis, index);
  const [x, y] = [columnNamed(points.x.column), columnNamed(points.y.column)];
  return [
    `${on("model")} ${on("quantisation")} (${on("provenance")}${points.not_comparable.includes(index) ? NOT_COMPARABLE : ""})`,
    `${on("hardware")} · ${on("engine")} · ${on("use_case")} ${on("shape")} ${on("load")}`,
    `${x.label}: ${number(points.xs[index])} ${x.unit}`,
    `${y.label}: ${number(points.ys[index])} ${y.unit}`,
  ];
}

/** What is said after the provenance of points that no front may have. */
const NOT_COMPARABLE = ", not comparable";

/** The points of each provenance, which are never drawn as one; those that no front may have apart. */
export function grouped(points: Points): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  const apart = new Set(points.not_comparable);
  for (let index = 0; index < points.xs.length; index += 1) {
    const name = labelOf(points, "provenance", index) + (apart.has(index) ? NOT_COMPARABLE : "");
    const group = groups.get(name);
    if (group) group.push(index);
    else groups.set(name, [index]);
  }
  return groups;
}

/** Numbers that differ by more than a factor of fifty are read better on a logarithmic scale. */
export function scaleOf(values: readonly number[]): "log" | "value" {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return least > 0 && most / least > 50 ? "log" : "value";
}

/** Where the front goes on between two members: as far as the first is as good as it gets. */
export function stepOf(better: string | null | undefined): "start" | "end" {
  return better === "more" ? "start" : "end";
}

/** The plot. */
export function scatter(points: Points, palette: Palette, narrow: boolean): EChartsCoreOption {
  const groups = grouped(points);
  const series: object[] = [];
  for (const [name, members] of groups) {
    const provenance = name.replace(NOT_COMPARABLE, "");
    const hollow = name !== provenance;
    const color = palette.provenance[provenance] ?? palette.muted;
    const large = members.length > LARGE;
    const data = large
      ? flat(points, members)
      : members.map((index) => ({ value: [points.xs[index], points.ys[index]], name: String(index) }));
    series.push({
      type: "scatter",
      id: `points ${name}`,
      name,
      data,
      symbol: SYMBOLS[provenance] ?? "circle",
      symbolSize: large ? 3 : 8,
      large,
      largeThreshold: LARGE,
      // All at once: parts that come later would be drawn over by what was chosen meanwhile.
      progressive: 0,
      itemStyle: hollow
        ? { color: "transparent", borderColor: color, borderWidth: 1 }
        : { color, opacity: large ? 0.35 : 0.6 },
      emphasis: { disabled: large },
    });
  }
  const fronts = points.fronts.filter(({ members }) => members.length > 0);
  fronts.forEach((front, place) => {
    const color = palette.provenance[front.provenance] ?? palette.ink;
    series.push({
      type: "line",
      id: `front ${place}`,
      name: `front, ${front.provenance}`,
      data: front.members.map((index) => ({ value: [points.xs[index], points.ys[index]], name: String(index) })),
      step: stepOf(points.x.better),
      symbol: SYMBOLS[front.provenance] ?? "circle",
      symbolSize: 9,
      lineStyle: { color, width: 2, type: front.provenance === "measured" ? "solid" : "dashed" },
      itemStyle: { color, borderColor: palette.background, borderWidth: 1 },
      z: 5,
    });
  });
  const named = [...groups.keys(), ...(fronts.length <= MOST_NAMED ? new Set(fronts.map(({ provenance }) => `front, ${provenance}`)) : [])];
  return {
    legend: { data: named, textStyle: { color: palette.ink }, itemWidth: 18, itemHeight: 10, top: 0, right: 0, type: "scroll" },
    grid: { left: narrow ? 4 : 16, right: 18, top: 58, bottom: 34, containLabel: true },
    tooltip: {
      ...tooltip(palette),
      formatter: (shown: { seriesId?: string; dataIndex: number; name: string }) => {
        const index = indexOf(points, groups, shown);
        return index === undefined ? "" : describe(points, index).join("\n");
      },
    },
    xAxis: axis(points.x.column, points.xs, palette, "middle"),
    yAxis: axis(points.y.column, points.ys, palette, "end"),
    brush: {
      xAxisIndex: 0,
      yAxisIndex: 0,
      brushStyle: { color: "rgba(120,120,120,0.15)", borderColor: palette.ink, borderWidth: 1 },
      // What lies outside stays as it is: colours say where a number comes from.
      inBrush: {},
      outOfBrush: {},
      transformable: false,
      throttleType: "debounce",
      throttleDelay: 400,
    },
    series,
  };
}

/** Which point was meant by what ECharts tells of it. */
export function indexOf(
  points: Points,
  groups: Map<string, number[]>,
  shown: { seriesId?: string; dataIndex: number; name?: string },
): number | undefined {
  const id = shown.seriesId ?? "";
  const [kind, rest] = [id.slice(0, id.indexOf(" ")), id.slice(id.indexOf(" ") + 1)];
  if (kind === "front") return points.fronts.filter(({ members }) => members.length > 0)[Number(rest)]?.members[shown.dataIndex];
  return groups.get(rest)?.[shown.dataIndex];
}

function flat(points: Points, members: number[]): Float64Array {
  const flat = new Float64Array(members.length * 2);
  members.forEach((index, place) => {
    flat[2 * place] = points.xs[index] ?? NaN;
    flat[2 * place + 1] = points.ys[index] ?? NaN;
  });
  return flat;
}

function axis(column: string, values: number[], palette: Palette, nameLocation: string): object {
  const type = scaleOf(values);
  const { better } = columnNamed(column);
  return {
    type,
    name: `${titled(columnNamed(column))}${type === "log" ? " (log)" : ""}, ${better} is better`,
    nameLocation,
    nameGap: nameLocation === "middle" ? 28 : 12,
    nameTextStyle: { color: palette.ink, align: nameLocation === "end" ? "left" : "center" },
    scale: true,
    axisLabel: { color: palette.muted, hideOverlap: true, formatter: (value: number) => number(value) },
    axisLine: { lineStyle: { color: palette.line } },
    splitLine: { lineStyle: { color: palette.line } },
  };
}
