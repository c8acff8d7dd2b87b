/** The **campaigns**: those that there are, and a new one from a spec, planned before it begins. */
import { useState } from "preact/hooks";
import { address, link } from "../address";
import { ask, Problem } from "../api/client";
import type { CampaignPage, Plan } from "../api/types";
import { useAnswer } from "../api/use_answer";
import { instant } from "../format";
import { DropZone } from "../parts/drop_zone";
import { ProblemNote } from "../parts/notes";
import { Planned } from "./planned";

export function Campaigns() {
  return (
    <>
      <h1>Campaigns</h1>
      <Start />
      <List />
    </>
  );
}

function List() {
  const cursor = address.value.params.get("cursor");
  const question = `/v1/campaigns${cursor ? `?${new URLSearchParams({ cursor })}` : ""}`;
  const { data, problem } = useAnswer(question, (path, signal) => ask<CampaignPage>(path, { signal }));
  const campaigns = data?.campaigns;
  const next = data?.next_cursor;
  return (
    <section aria-label="Campaigns">
      <h2>So far</h2>
      <ProblemNote problem={problem} />
      {campaigns?.length === 0 && <p>None yet.</p>}
      {campaigns && campaigns.length > 0 && (
        <div class="scroll" role="region" aria-label="Campaigns so far" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Campaign</th>
                <th scope="col">State</th>
                <th scope="col" class="n">
                  Configurations
                </th>
                <th scope="col" class="n">
                  Cannot run
                </th>
                <th scope="col">Begun (UTC)</th>
              </tr>
            </thead>
            <tbody>
              {campaigns.map((campaign) => (
                <tr key={campaign.id}>
                  <th scope="row">
                    <a href={link("campaign", { id: campaign.id })}>{campaign.id}</a>
                  </th>
                  <td>
                    <State state={campaign.state} />
                    {campaign.message && <small class="below">{campaign.message}</small>}
                  </td>
                  <td class="n">{campaign.feasible.toLocaleString("en")}</td>
                  <td class="n">{campaign.infeasible.toLocaleString("en")}</td>
                  <td class="when">{instant(campaign.created_at)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <nav class="turning" aria-label="Pages of campaigns">
        {cursor && <a href={link("campaigns")}>Newest</a>}
        {next && <a href={link("campaigns", { cursor: next })}>Older</a>}
      </nav>
    </section>
  );
}

/** A state in words; colour only repeats it. */
export function State({ state }: { state: string }) {
  return <span class={`state ${state}`}>{state.replaceAll("_", " ")}</span>;
}

type Asked = { plan?: Plan; problem?: Problem; busy?: "plan" | "start" };

function Start() {
  const [spec, setSpec] = useState("");
  const [asked, setAsked] = useState<Asked>({});
  const [planned, setPlanned] = useState<string>();
  const write = (text: string) => {
    setSpec(text);
    setAsked({});
  };
  const send = async <T,>(path: string): Promise<T> => ask<T>(path, { method: "POST", body: spec, type: "application/yaml" });
  const failed = (error: unknown) => setAsked({ problem: error instanceof Problem ? error : new Problem(0, String(error)) });
  const plan = async () => {
    setAsked({ busy: "plan" });
    try {
      setAsked({ plan: await send<Plan>("/v1/campaigns/plan") });
      setPlanned(spec);
    } catch (error) {
      failed(error);
    }
  };
  const start = async () => {
    setAsked(({ plan }) => ({ plan, busy: "start" }));
    try {
      const { id } = await send<{ id: string }>("/v1/campaigns");
      location.hash = link("campaign", { id });
    } catch (error) {
      failed(error);
    }
  };
  const isPlanned = asked.plan !== undefined && planned === spec;
  return (
    <section aria-label="New campaign">
      <h2>New</h2>
      <DropZone label="A spec, as YAML or JSON" accept=".yaml,.yml,.json" taken={([file]) => void file?.text().then(write)}>
        <label>
          or written here
          <textarea
            rows={10}
            spellcheck={false}
            placeholder={"name: first\nmodels: [llama-3.1-8b-instruct]\nhardware: [l4x1]\nframeworks: [vllm]\n…"}
            value={spec}
            onInput={(event) => write(event.currentTarget.value)}
          />
        </label>
      </DropZone>
      <div class="actions">
        <button type="button" class={isPlanned ? "secondary" : undefined} disabled={!spec.trim() || asked.busy !== undefined} onClick={plan}>
          {asked.busy === "plan" ? "Planning…" : "Plan"}
        </button>
        {isPlanned && (
          <button type="button" disabled={asked.busy !== undefined || asked.plan?.feasible === 0} onClick={start}>
            {asked.busy === "start" ? "Starting…" : "Start"}
          </button>
        )}
      </div>
      <ProblemNote problem={asked.problem} />
      {asked.plan && <Planned plan={asked.plan} />}
    </section>
  );
}
