/** One **campaign**: how far it is and what it costs, as it happens, and the means to stop it. */
import { useEffect, useState } from "preact/hooks";
import { address, link } from "../address";
import { ask, key, Problem, send } from "../api/client";
import { listen } from "../api/events";
import type { KnownCampaign, Progress } from "../api/types";
import { useAnswer } from "../api/use_answer";
import { duration, instant, usd } from "../format";
import { FileLink } from "../parts/file_link";
import { Mark, ProblemNote } from "../parts/notes";
import { State } from "./campaigns";

/** States from which a campaign does not go on by itself. */
const ENDED = ["completed", "failed", "cancelled"];

export function CampaignView() {
  const id = address.value.params.get("id") ?? "";
  if (!id) return <p>This address names no campaign.</p>;
  return <Followed key={id} id={id} />;
}

function Followed({ id }: { id: string }) {
  const path = `/v1/campaigns/${encodeURIComponent(id)}`;
  const [progress, setProgress] = useState<Progress>();
  const [away, setAway] = useState<Problem>();
  const [refused, setRefused] = useState<Problem>();
  const [turn, setTurn] = useState(0);
  const state = progress?.state ?? "";
  const { data, problem } = useAnswer(`${path}#${state}${turn}`, (asked, signal) => ask<KnownCampaign>(asked.split("#")[0] ?? path, { signal }));

  const withKey = key.value;
  useEffect(() => {
    const stop = new AbortController();
    void listen(`${path}/events`, stop.signal, {
      event: (_, told) => {
        setAway(undefined);
        setProgress(told as Progress);
      },
      away: setAway,
    });
    return () => stop.abort();
  }, [path, withKey, turn]);

  const control = async (verb: string) => {
    setRefused(undefined);
    try {
      await send(`${path}/${verb}`, { method: "POST" });
      setTurn((last) => last + 1);
    } catch (error) {
      setRefused(error instanceof Problem ? error : new Problem(0, String(error)));
    }
  };
  const now = state || data?.state || "";
  return (
    <>
      <h1>{data?.name ?? id}</h1>
      <p>
        <State state={now} /> <small>campaign {id}</small>
        {data && <small> · begun {instant(data.created_at)} UTC</small>}
      </p>
      <ProblemNote problem={refused ?? problem} />
      {away && !ENDED.includes(now) && <ProblemNote problem={away} />}
      {(progress?.message ?? data?.message) && <p>{progress?.message ?? data?.message}</p>}
      <div class="actions">
        {!ENDED.includes(now) && now !== "paused" && (
          <button type="button" class="secondary" onClick={() => control("pause")}>
            Pause
          </button>
        )}
        {now === "paused" && (
          <button type="button" onClick={() => control("resume")}>
            Resume
          </button>
        )}
        {!ENDED.includes(now) && (
          <button type="button" class="contrast" onClick={() => confirm("Cancel the campaign? What was measured is kept.") && control("cancel")}>
            Cancel
          </button>
        )}
      </div>
      {progress && <Figures progress={progress} />}
      {ENDED.includes(now) && <Reports path={path} id={id} />}
      {data && <Batches batches={data.batches} />}
    </>
  );
}

function Figures({ progress }: { progress: Progress }) {
  const { done, failed, total } = progress.trials;
  const cost = progress.simulated ? "USD that real machines would have cost" : "USD spent";
  return (
    <section aria-label="Progress">
      <label>
        <span role="status">
          {done} of {total} runs done{failed > 0 && `, ${failed} failed`} {progress.simulated && <Mark provenance="simulated" />}
        </span>
        <progress max={Math.max(1, total)} value={done + failed} />
      </label>
      <dl class="figures">
        <div>
          <dt>{cost}</dt>
          <dd>
            {usd(progress.spent_usd)} {progress.simulated && <Mark provenance="simulated" />}
          </dd>
        </div>
        <div>
          <dt>Machine time left</dt>
          <dd>
            {duration(progress.remaining_forecast_s)} <Mark provenance="forecast" />
          </dd>
        </div>
        {typeof progress.remaining_forecast_usd === "number" && (
          <div>
            <dt>USD to come</dt>
            <dd>
              {usd(progress.remaining_forecast_usd)} <Mark provenance="forecast" />
            </dd>
          </div>
        )}
        <div>
          <dt>Configurations</dt>
          <dd>
            {progress.feasible} can run, {progress.infeasible} cannot
          </dd>
        </div>
        <div>
          <dt>Batches</dt>
          <dd>
            {Object.entries(progress.batches)
              .filter(([, count]) => count > 0)
              .map(([state, count]) => `${count} ${state}`)
              .join(", ") || "none yet"}
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Batches({ batches }: { batches: KnownCampaign["batches"] }) {
  if (batches.length === 0) return null;
  return (
    <section aria-label="Batches">
      <h2>Batches</h2>
      <div class="scroll" role="region" aria-label="Batches of the campaign" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Batch</th>
              <th scope="col">State</th>
              <th scope="col" class="n">
                Runs
              </th>
              <th scope="col" class="n">
                GPUs
              </th>
              <th scope="col" class="n">
                Attempt
              </th>
              <th scope="col" class="n">
                Time (forecast)
              </th>
              <th scope="col" class="n">
                USD (forecast)
              </th>
            </tr>
          </thead>
          <tbody>
            {batches.map((batch) => (
              <tr key={batch.id}>
                <th scope="row">{batch.id}</th>
                <td>
                  <State state={batch.state} />
                  {batch.message && <small class="below">{batch.message}</small>}
                </td>
                <td class="n">{batch.trials}</td>
                <td class="n">{batch.gpu_count}</td>
                <td class="n">{batch.attempt}</td>
                <td class="n">{duration(batch.forecast_s)}</td>
                <td class="n">{usd(batch.forecast_usd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Reports({ path, id }: { path: string; id: string }) {
  const [problem, setProblem] = useState<Problem>();
  const forms = [
    ["report.html", "report.html", "as a page"],
    ["report.pdf", "report.pdf", "as PDF"],
    ["report", "report.json", "as JSON"],
  ] as const;
  return (
    <section aria-label="Report">
      <h2>Report</h2>
      <ProblemNote problem={problem} />
      <ul class="row">
        {forms.map(([form, file, text]) => (
          <li key={form}>
            <FileLink path={`${path}/${form}`} name={`${id}-${file}`} told={setProblem} shown>
              {text}
            </FileLink>
          </li>
        ))}
        <li>
          <a href={link("catalogue")}>its results in the catalogue</a>
        </li>
      </ul>
    </section>
  );
}
