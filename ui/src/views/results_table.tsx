/** The results of a page of the catalogue, one line each. */
import { change, set, toggle } from "../address";
import type { Entry, Rent } from "../api/types";
import { columnNamed } from "../columns";
import { instant, number, percent, usd, valueOf } from "../format";
import { Identity } from "../parts/identity";
import { nextSort, sortOf } from "./catalogue_query";

/** The numbers of the table, with what they are called in its head. */
const SHOWN: [column: string, head: string, unit: string, write: (value: number | null | undefined) => string][] = [
  ["ttft_p90_ms", "TTFT p90", "ms", number],
  ["tpot_p90_ms", "TPOT p90", "ms", number],
  ["e2e_p90_ms", "E2E p90", "ms", number],
  ["output_tps", "Output", "tokens/s", number],
  ["rps", "Requests", "per s", number],
  ["serving_cost_per_mtok_spot", "Cost, spot", "per Mtok", usd],
  ["usd_per_hour_spot", "Machine, spot", "per hour", usd],
  ["task_accuracy", "Accuracy", "tasks", percent],
  ["fidelity", "Fidelity", "to fp16", percent],
  ["gpu_memory_gib", "GPU memory", "GiB", number],
  ["failed_share", "Failed", "share", percent],
];

/** Most configurations of a comparison. */
export const MOST_COMPARED = 10;

export function ResultsTable({ params, entries }: { params: URLSearchParams; entries: Entry[] }) {
  const picked = params.getAll("pick");
  const sorted = sortOf(params);
  const sort = (column: string) =>
    change((next) => {
      set(next, "sort", nextSort(next, column, columnNamed(column).better));
      next.delete("cursor");
    });
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">
            <span class="hidden">Compare</span>
          </th>
          <th scope="col" class="identity-head">
            Configuration
          </th>
          {SHOWN.map(([column, head, unit]) => {
            const direction = sorted?.column === column ? (sorted.descending ? "descending" : "ascending") : "none";
            return (
              <th key={column} scope="col" class="n" aria-sort={direction}>
                <button type="button" class="sort" onClick={() => sort(column)}>
                  {head}
                  <span aria-hidden="true">{direction === "none" ? "" : direction === "descending" ? " ▼" : " ▲"}</span>
                </button>
                <small>{unit}</small>
              </th>
            );
          })}
          <th scope="col">
            Measured<small>UTC</small>
          </th>
        </tr>
      </thead>
      <tbody>
        {/* By place: a row of other results keeps its elements, which is several times as fast as new ones. */}
        {entries.map((entry, place) => (
          <tr key={place}>
            <td>
              <input
                type="checkbox"
                aria-label={`Compare ${entry.configuration.model.model}, ${entry.configuration.hardware}, ${entry.traffic}, ${entry.provenance}`}
                checked={picked.includes(entry.config_id)}
                disabled={picked.length >= MOST_COMPARED && !picked.includes(entry.config_id)}
                onChange={() => change((next) => toggle(next, "pick", entry.config_id), true)}
              />
            </td>
            <th scope="row">
              <Identity
                id={entry.config_id}
                configuration={entry.configuration}
                traffic={entry.traffic}
                provenance={entry.provenance}
                version={entry.engine_version}
                flags={entry.flags}
              />
            </th>
            {SHOWN.map(([column, , , write]) => (
              <td key={column} class="n">
                {write(valueOf(entry, column))}
                {column === "usd_per_hour_spot" && <Shared rent={entry.rent} />}
              </td>
            ))}
            <td class="when">{instant(entry.measured_at)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A machine that has room for several servers is rented as a whole all the same. */
function Shared({ rent }: { rent?: Rent | null }) {
  const servers = rent?.spot.servers ?? 1;
  return servers > 1 ? <small class="below">for {servers} servers</small> : null;
}
