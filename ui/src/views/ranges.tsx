/** Bounds on numbers: the usual ones at hand, any other by its name. */
import { change, set } from "../address";
import { columnNamed, COLUMNS, titled } from "../columns";
import { rangesOf } from "./catalogue_query";

const USUAL = ["ttft_p90_ms", "tpot_p90_ms", "output_tps", "serving_cost_per_mtok_spot"];

export function Ranges({ params }: { params: URLSearchParams }) {
  const stated = rangesOf(params);
  const shown = [...new Set([...USUAL, ...stated.map(({ column }) => column), ...params.getAll("bound")])];
  const rest = COLUMNS.filter(({ name }) => !shown.includes(name));
  const bound = (name: string, value: string) =>
    change((next) => {
      set(next, name, value);
      next.delete("cursor");
    }, true);
  return (
    <details class="facet" open>
      <summary>
        Limits{stated.length > 0 && <small> {stated.length} stated</small>}
      </summary>
      {shown.map((column) => (
        <fieldset key={column} class="range">
          <legend>{titled(columnNamed(column))}</legend>
          {(["min", "max"] as const).map((end) => (
            <input
              key={end}
              type="number"
              step="any"
              inputMode="decimal"
              placeholder={end === "min" ? "at least" : "at most"}
              aria-label={`${columnNamed(column).label}, ${end === "min" ? "at least" : "at most"}`}
              value={params.get(`${end}_${column}`) ?? ""}
              onInput={(event) => bound(`${end}_${column}`, event.currentTarget.value)}
            />
          ))}
        </fieldset>
      ))}
      <label>
        <span class="hidden">Limit another number</span>
        <select
          value=""
          onChange={(event) => {
            const { value } = event.currentTarget;
            if (value) change((next) => next.append("bound", value));
          }}
        >
          <option value="">Another number…</option>
          {rest.map((column) => (
            <option key={column.name} value={column.name}>
              {titled(column)}
            </option>
          ))}
        </select>
      </label>
    </details>
  );
}
