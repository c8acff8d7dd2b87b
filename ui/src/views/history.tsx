/** The **history** of a configuration: every run of it, and where the engine's version changed. */
import { address } from "../address";
import { ask } from "../api/client";
import type { History as Told, HistoryEntry, KnownConfiguration } from "../api/types";
import { useAnswer } from "../api/use_answer";
import { columnNamed, titled } from "../columns";
import { instant, modelOf, number, numberIn, servedBy } from "../format";
import { Flags, Mark, ProblemNote } from "../parts/notes";
import { Choice } from "../parts/number_field";
import { Chart } from "../plots/chart";
import { changesOf, historyPlot } from "./history_plot";

/** Most runs that are asked for. */
const MOST_RUNS = 500;

export function History() {
  const { params } = address.value;
  const id = params.get("id") ?? "";
  const query = new URLSearchParams({ limit: String(MOST_RUNS) });
  const provenance = params.get("provenance");
  if (provenance) query.set("provenance", provenance);
  const path = `/v1/configurations/${encodeURIComponent(id)}`;
  const current = useAnswer(id ? path : undefined, (path, signal) => ask<KnownConfiguration>(path, { signal }));
  const { data, problem, busy } = useAnswer(id ? `${path}/history?${query}` : undefined, (path, signal) => ask<Told>(path, { signal }));
  const results = current.data?.entries ?? [];
  const shown = results.find((entry) => entry.provenance === provenance) ?? results[0];
  if (!id) return <p>This address names no configuration; choose one in the catalogue.</p>;
  return (
    <>
      <h1>{shown ? modelOf(shown.configuration) : "History"}</h1>
      {shown && (
        <p>
          {servedBy(shown.configuration)} · {shown.traffic} <small>configuration {id}</small>
        </p>
      )}
      <ProblemNote problem={problem ?? current.problem} />
      {data && <Runs entries={data.entries} params={params} busy={busy} provenances={results.map((entry) => entry.provenance)} />}
    </>
  );
}

interface Props {
  entries: HistoryEntry[];
  params: URLSearchParams;
  provenances: string[];
  busy: boolean;
}

function Runs({ entries, params, provenances, busy }: Props) {
  const columns = numbersOf(entries);
  const column = params.get("y") ?? columns.find((name) => name === "output_tps") ?? columns[0] ?? "output_tps";
  const changes = changesOf(entries);
  return (
    <>
      <div class="axes">
        <Choice
          params={params}
          name="y"
          label="Number"
          options={columns.map((name) => [name, titled(columnNamed(name))] as const)}
          usual={column}
        />
        <Choice params={params} name="provenance" label="Results" options={[["", "all, apart"], ...provenances]} usual="" />
      </div>
      <Chart
        label={`${columnNamed(column).label} of ${entries.length} runs over time; the table below says the same`}
        option={(palette) => historyPlot(entries, column, palette)}
        of={[entries, column]}
        busy={busy}
      />
      <p role="status" class="status">
        {entries.length} {entries.length === 1 ? "run" : "runs"}
        {changes.length > 0 &&
          `; the engine's version changed ${changes.length === 1 ? "once" : `${changes.length} times`}: ${changes.map(({ at, version }) => `${version} on ${instant(at).slice(0, 10)}`).join(", ")}`}
      </p>
      <div class="scroll" role="region" aria-label="Runs" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Measured (UTC)</th>
              <th scope="col">Engine version</th>
              {columns.map((name) => (
                <th key={name} scope="col" class="n">
                  {columnNamed(name).label}
                  <small>{columnNamed(name).unit}</small>
                </th>
              ))}
              <th scope="col">Run</th>
            </tr>
          </thead>
          <tbody>
            {entries.toReversed().map((entry) => (
              <tr key={entry.run_id} class={entry.engine_version_changed ? "changed" : undefined}>
                <th scope="row" class="when">
                  {instant(entry.measured_at)} <Mark provenance={entry.provenance} />
                </th>
                <td>
                  {entry.engine_version ?? "unknown"}
                  {entry.engine_version_changed && <strong> changed</strong>}
                </td>
                {columns.map((name) => (
                  <td key={name} class="n">
                    {number(numberIn(entry, name))}
                  </td>
                ))}
                <td>
                  <small>{entry.run_id}</small>
                  <Flags flags={entry.flags} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** The numbers that some run has, by their columns. */
export function numbersOf(entries: readonly HistoryEntry[]): string[] {
  const names = new Set(entries.flatMap((entry) => Object.keys(entry).filter((name) => numberIn(entry, name) !== null)));
  return [...names].filter((name) => columnNamed(name).unit !== "");
}
