/** A **facet** is an axis with what each of its values would find under everything else that was chosen. */
import { useState } from "preact/hooks";
import { change } from "../address";
import type { Page } from "../api/types";
import { AXES, AXIS_TITLES, choose, type Axis } from "./catalogue_query";

/** Values that are shown before the rest is asked for. */
const FIRST = 8;

/** How many axes stand open. */
const OPEN = 6;

export function Facets({ params, facets }: { params: URLSearchParams; facets?: Page["facets"] }) {
  return (
    <>
      {AXES.map((axis, place) => (
        <Facet key={axis} axis={axis} open={place < OPEN} chosen={params.getAll(axis)} values={facets?.[axis] ?? []} />
      ))}
    </>
  );
}

interface Props {
  axis: Axis;
  open: boolean;
  chosen: string[];
  values: { value: string; count: number }[];
}

function Facet({ axis, open, chosen, values }: Props) {
  const [all, setAll] = useState(false);
  const gone = chosen.filter((value) => !values.some((known) => known.value === value));
  const known = [...gone.map((value) => ({ value, count: 0 })), ...values];
  const first = known.filter(({ value }, place) => all || place < FIRST || chosen.includes(value));
  return (
    <details class="facet" open={open || chosen.length > 0}>
      <summary>
        {AXIS_TITLES[axis]}
        {chosen.length > 0 && <small> {chosen.length} chosen</small>}
      </summary>
      <fieldset>
        <legend class="hidden">{AXIS_TITLES[axis]}</legend>
        {first.map(({ value, count }) => (
          <label key={value}>
            <input type="checkbox" checked={chosen.includes(value)} onChange={() => change((params) => choose(params, axis, value))} />
            <span class="value">{value}</span>
            <span class="count">{count.toLocaleString("en")}</span>
          </label>
        ))}
        {known.length === 0 && <small>none</small>}
        {known.length > first.length && (
          <button type="button" class="quiet" onClick={() => setAll(true)}>
            All {known.length}
          </button>
        )}
      </fieldset>
    </details>
  );
}
