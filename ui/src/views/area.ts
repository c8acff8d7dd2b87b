/** The **area** that is brushed on the plot is two ranges of the filter: the plot and the limits say the same. */
import { set } from "../address";

export type Area = [[number, number], [number, number]];

/** Four digits, so that the ends are readable, and never less than what was brushed. */
export function outwards(low: number, high: number): [number, number] {
  return [rounded(low, Math.floor), rounded(high, Math.ceil)];
}

function rounded(value: number, to: (value: number) => number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const scale = 10 ** (3 - Math.floor(Math.log10(Math.abs(value))));
  return Number((to(value * scale) / scale).toPrecision(4));
}

/** States an area as limits; without one, both numbers are free. */
export function limitTo(params: URLSearchParams, x: string, y: string, area: Area | undefined): void {
  [x, y].forEach((column, place) => {
    const ends = area?.[place];
    const [low, high] = ends ? outwards(Math.min(...ends), Math.max(...ends)) : [undefined, undefined];
    set(params, `min_${column}`, low?.toString());
    set(params, `max_${column}`, high?.toString());
  });
  params.delete("cursor");
}

/** The area that the limits leave; an end that is not stated is that of the points. None without a limit. */
export function areaOf(params: URLSearchParams, x: string, y: string, points: { xs: number[]; ys: number[] }): Area | undefined {
  const stated = [x, y].flatMap((column) => [params.get(`min_${column}`), params.get(`max_${column}`)]);
  if (stated.every((end) => end === null) || points.xs.length === 0) return undefined;
  const [minX, maxX, minY, maxY] = stated;
  const end = (text: string | null | undefined, otherwise: number) => (text ? Number(text) : otherwise);
  const [xs, ys] = [extent(points.xs), extent(points.ys)];
  return [
    [end(minX, xs[0]), end(maxX, xs[1])],
    [end(minY, ys[0]), end(maxY, ys[1])],
  ];
}

function extent(values: number[]): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}
