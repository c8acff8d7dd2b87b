/** A **chart** is a canvas that ECharts draws on: of the size of its place, in the colours of the page. */
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { useEffect, useRef, useState } from "preact/hooks";

export interface Palette {
  ink: string;
  muted: string;
  line: string;
  background: string;
  provenance: Record<string, string>;
}

const DARK = matchMedia("(prefers-color-scheme: dark)");

function palette(): Palette {
  const styles = getComputedStyle(document.documentElement);
  const of = (name: string) => styles.getPropertyValue(name).trim();
  return {
    ink: of("--pico-color"),
    muted: of("--pico-muted-color"),
    line: of("--line-solid"),
    background: of("--pico-background-color"),
    provenance: {
      measured: of("--measured"),
      imported: of("--imported"),
      simulated: of("--simulated"),
      forecast: of("--forecast"),
    },
  };
}

interface Props {
  /** What it shows, in words. */
  label: string;
  /** What to draw. */
  option: (palette: Palette) => EChartsCoreOption;
  /** What the drawing depends on: it is drawn anew when one of these changes. */
  of: unknown[];
  /** Called once, with what was drawn on. */
  ready?: (chart: ECharts) => void;
  /** Called after each drawing. */
  drawn?: (chart: ECharts) => void;
  busy?: boolean;
}

export function Chart({ label, option, of, ready, drawn, busy }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts>();
  const [dark, setDark] = useState(DARK.matches);

  useEffect(() => {
    let made: ECharts | undefined;
    let gone = false;
    const resized = new ResizeObserver(() => made?.resize());
    void import("./echarts").then(({ init }) => {
      if (gone || !place.current) return;
      made = init(place.current);
      resized.observe(place.current);
      ready?.(made);
      setChart(made);
    });
    const turned = () => setDark(DARK.matches);
    DARK.addEventListener("change", turned);
    return () => {
      gone = true;
      resized.disconnect();
      DARK.removeEventListener("change", turned);
      made?.dispose();
    };
  }, []);

  useEffect(() => {
    if (!chart) return;
    chart.setOption({ animation: false, ...option(palette()) }, { notMerge: true });
    drawn?.(chart);
  }, [chart, dark, ...of]);

  return <div ref={place} class="chart" role="img" aria-label={label} aria-busy={busy} data-drawn={chart ? "yes" : "no"} />;
}
