/** The **scatter plot** of two numbers, with the fronts drawn, on which an area can be chosen. */
import type { ECharts } from "echarts/core";
import { useRef, useState } from "preact/hooks";
import { change, link, set } from "../address";
import { ask } from "../api/client";
import type { Points } from "../api/types";
import { useAnswer, useWhenFree } from "../api/use_answer";
import { COLUMNS, columnNamed, titled } from "../columns";
import { number } from "../format";
import { Mark, ProblemNote } from "../parts/notes";
import { Chart } from "../plots/chart";
import { type Area, areaOf, limitTo } from "./area";
import { filterOf } from "./catalogue_query";
import { grouped, indexOf, labelOf, scatter } from "./points";

/** Points that are asked for: more cost a megabyte for each change of a filter and look the same. Fronts are always whole. */
const USUAL_POINTS = 20_000;

/** Most points that are drawn when all are wanted. */
const MOST_POINTS = 200_000;

const USUAL = { x: "ttft_p90_ms", y: "output_tps" };

/** The question: all that match, wherever they lie on the plot, so that the chosen area is seen among them. */
export function pointsOf(params: URLSearchParams): string {
  const { x, y } = axesOf(params);
  const query = filterOf(params);
  for (const name of [x, y].flatMap((column) => [`min_${column}`, `max_${column}`])) query.delete(name);
  query.set("x", x);
  query.set("y", y);
  query.set("limit", String(params.has("all_points") ? MOST_POINTS : USUAL_POINTS));
  return `/v1/catalog/points?${query}`;
}

/** Once what is there by now is on the screen. */
function painted(): Promise<void> {
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}

function axesOf(params: URLSearchParams): { x: string; y: string } {
  return { x: params.get("x") ?? USUAL.x, y: params.get("y") ?? USUAL.y };
}

/** `waits` while something is on its way that is to be seen first: the plot's answer is large, and drawing it takes long. */
export function Scatter({ params, waits }: { params: URLSearchParams; waits: boolean }) {
  const { x, y } = axesOf(params);
  const question = useWhenFree(pointsOf(params), waits);
  const { data, problem, busy } = useAnswer(question, async (path, signal) => {
    await painted();
    return ask<Points>(path, { signal });
  });
  return (
    <section aria-label="Plot" class="plot">
      <div class="axes">
        <AxisChoice name="x" title="Across" chosen={x} />
        <AxisChoice name="y" title="Up" chosen={y} />
        {areaOf(params, x, y, { xs: [0], ys: [0] }) && (
          <button type="button" class="quiet" onClick={() => change((next) => limitTo(next, x, y, undefined))}>
            Clear the area
          </button>
        )}
      </div>
      <ProblemNote problem={problem} />
      {data && <Drawn points={data} params={params} busy={busy || waits} />}
    </section>
  );
}

function AxisChoice({ name, title, chosen }: { name: "x" | "y"; title: string; chosen: string }) {
  return (
    <label>
      {title}
      <select value={chosen} onChange={(event) => change((next) => next.set(name, event.currentTarget.value))}>
        {COLUMNS.map((column) => (
          <option key={column.name} value={column.name}>
            {titled(column)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Drawn({ points, params, busy }: { points: Points; params: URLSearchParams; busy: boolean }) {
  const narrow = matchMedia("(max-width: 40rem)").matches;
  const now = useRef({ points, x: "", y: "" });
  now.current = { points, ...axesOf(params) };
  const { x, y } = axesOf(params);
  const area = areaOf(params, x, y, points);

  const ready = (chart: ECharts) => {
    chart.on("brushEnd", (event: unknown) => {
      const { areas } = event as { areas: { coordRange: Area }[] };
      const { x, y } = now.current;
      change((next) => limitTo(next, x, y, areas[0]?.coordRange));
    });
    chart.on("click", (event) => {
      const { points } = now.current;
      const index = indexOf(points, grouped(points), event);
      if (index === undefined) return;
      location.hash = link("history", { id: points.config_ids[index], provenance: labelOf(points, "provenance", index) });
    });
  };
  const drawn = (chart: ECharts) => {
    // On a phone a finger scrolls; the limits choose the area there.
    const brushOption = matchMedia("(pointer: coarse)").matches ? { brushType: false } : { brushType: "rect", brushMode: "single" };
    chart.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption });
    const areas = area ? [{ brushType: "rect", xAxisIndex: 0, yAxisIndex: 0, coordRange: area }] : [];
    chart.dispatchAction({ type: "brush", areas });
  };
  const [across, up] = [columnNamed(x), columnNamed(y)];
  return (
    <>
      <Chart
        label={`${points.xs.length} results by ${across.label} and ${up.label}; the table below says the same`}
        option={(palette) => scatter(points, palette, narrow)}
        of={[points, JSON.stringify(area)]}
        ready={ready}
        drawn={drawn}
        busy={busy}
      />
      <p class="status">
        {points.xs.length.toLocaleString("en")} points.
        {points.left_out > 0 && ` ${points.left_out.toLocaleString("en")} results lack one of the two numbers.`}
        {points.thinned > 0 && ` ${points.thinned.toLocaleString("en")} were passed over, evenly; fronts are whole.`}
        {points.not_comparable.length > 0 &&
          ` Hollow ones (${points.not_comparable.length}) cannot be on a front: the client was the bottleneck or too many requests failed.`}
        {!matchMedia("(pointer: coarse)").matches && " Drag over the plot to filter the table; click a point for its history."}
        {(points.thinned > 0 || params.has("all_points")) && (
          <button
            type="button"
            class="quiet"
            onClick={() => change((next) => set(next, "all_points", next.has("all_points") ? "" : "1"))}
          >
            {points.thinned > 0 ? "Draw all" : "Draw fewer"}
          </button>
        )}
      </p>
      <Fronts points={points} />
    </>
  );
}

/** The fronts in words, for who cannot see the plot. There are hundreds of lines: they are made when they are looked at. */
function Fronts({ points }: { points: Points }) {
  const [open, setOpen] = useState(false);
  const fronts = points.fronts.filter(({ members }) => members.length > 0);
  if (fronts.length === 0) return null;
  const members = fronts.reduce((sum, front) => sum + front.members.length, 0);
  return (
    <details class="fronts" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {members} on {fronts.length === 1 ? "the front" : `${fronts.length} fronts, one for each provenance and traffic`}
      </summary>
      {open && <FrontMembers points={points} fronts={fronts} />}
    </details>
  );
}

function FrontMembers({ points, fronts }: { points: Points; fronts: Points["fronts"] }) {
  const [x, y] = [columnNamed(points.x.column), columnNamed(points.y.column)];
  return (
    <div class="scroll" role="region" aria-label="Fronts" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Front</th>
            <th scope="col">Configuration</th>
            <th scope="col" class="n">
              {titled(x)}
            </th>
            <th scope="col" class="n">
              {titled(y)}
            </th>
          </tr>
        </thead>
        <tbody>
          {fronts.flatMap((front) =>
            front.members.map((index) => (
              <tr key={`${front.provenance} ${index}`}>
                <td>
                  <Mark provenance={front.provenance} /> {labelOf(points, "use_case", index)} {labelOf(points, "shape", index)}
                </td>
                <th scope="row">
                  <a href={link("history", { id: points.config_ids[index], provenance: front.provenance })}>
                    {["model", "quantisation", "hardware", "engine", "load"].map((axis) => labelOf(points, axis, index)).join(" ")}
                  </a>
                </th>
                <td class="n">{number(points.xs[index])}</td>
                <td class="n">{number(points.ys[index])}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}
