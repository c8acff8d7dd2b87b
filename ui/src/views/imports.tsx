/** The **import** of results that other tools wrote: what was taken, what was left out and why, and what it must be told. */
import { useState } from "preact/hooks";
import { address, change, link, set } from "../address";
import { ask, Problem } from "../api/client";
import type { Imported } from "../api/types";
import { DropZone } from "../parts/drop_zone";
import { Mark, ProblemNote } from "../parts/notes";

/** What a file may not say itself; each is told by who imports it. */
const FIELDS = [
  ["model", "Model"],
  ["quantisation", "Precision"],
  ["hardware", "Hardware"],
  ["engine", "Engine"],
  ["engine_version", "Engine version"],
  ["use_case", "Use case"],
  ["input_tokens", "Tokens of a prompt"],
  ["output_tokens", "Tokens of an answer"],
  ["concurrency", "Requests in flight"],
  ["arrival", "Arrivals at a rate"],
  ["measured_at", "Measured on"],
] as const;

interface Tried {
  file: File;
  answer?: Imported;
  problem?: Problem;
}

export function Imports() {
  const { params } = address.value;
  const [tried, setTried] = useState<Tried[]>([]);
  const asked = [...new Set(tried.flatMap(({ answer }) => answer?.asks.map(({ field }) => field) ?? []))];
  const more = asked.filter((field) => !FIELDS.some(([name]) => name === field)).map((field) => [field, field.replaceAll("_", " ")] as const);
  const fields = [...FIELDS, ...more];

  const bring = async (files: File[]) => {
    const query = new URLSearchParams(fields.flatMap(([name]) => (params.get(name) ? [[name, params.get(name) ?? ""]] : [])));
    for (const file of files) {
      const outcome = await importOf(file, query);
      setTried((before) => [outcome, ...before.filter((one) => one.file !== file)]);
    }
  };
  return (
    <>
      <h1>Import</h1>
      <p>
        Results of vLLM, SGLang, GuideLLM, AIPerf, inference-perf and others, or of another Assay. They are kept and shown as{" "}
        <Mark provenance="imported" /> and never ranked with what was measured here.
      </p>
      <DropZone label="Files of results" several taken={(files) => void bring(files)}>
        <small>Drop them here. The format is recognised.</small>
      </DropZone>
      <details open={asked.length > 0 || fields.some(([name]) => params.has(name))}>
        <summary>What the files do not say themselves</summary>
        <div class="fields">
          {fields.map(([name, label]) => (
            <label key={name}>
              {label}
              {asked.includes(name) && <small> asked for</small>}
              <input
                value={params.get(name) ?? ""}
                onInput={(event) => {
                  const { value } = event.currentTarget;
                  change((next) => set(next, name, value), true);
                }}
              />
            </label>
          ))}
        </div>
      </details>
      <div aria-live="polite">
        {tried.map((one) => (
          <Outcome key={one.file.name} tried={one} again={() => void bring([one.file])} />
        ))}
      </div>
    </>
  );
}

async function importOf(file: File, stated: URLSearchParams): Promise<Tried> {
  const query = new URLSearchParams([...stated, ["name", file.name]]);
  try {
    const answer = await ask<Imported>(`/v1/imports?${query}`, { method: "POST", body: file, type: "application/octet-stream" });
    return { file, answer };
  } catch (error) {
    return { file, problem: error instanceof Problem ? error : new Problem(0, String(error)) };
  }
}

function Outcome({ tried: { file, answer, problem }, again }: { tried: Tried; again: () => void }) {
  const there = answer?.already_there ?? 0;
  return (
    <article class="outcome" aria-label={file.name}>
      <h2>{file.name}</h2>
      <ProblemNote problem={problem} />
      {answer && (
        <>
          <p>
            {answer.taken.length} taken from {answer.format}
            {there > 0 && `, ${there} were there already`}
            {answer.left_out.length > 0 && `, ${answer.left_out.length} left out`}. <small>sha256 {answer.sha256.slice(0, 16)}…</small>
          </p>
          {answer.taken.length > 0 && (
            <p>
              <a href={link("catalogue", { provenance: "imported" })}>Imported results in the catalogue</a>
            </p>
          )}
          {answer.left_out.length > 0 && (
            <ul aria-label="Left out">
              {answer.left_out.map(({ where, reason }) => (
                <li key={where + reason}>
                  {where}: {reason}
                </li>
              ))}
            </ul>
          )}
          {answer.asks.length > 0 && (
            <ul aria-label="Asked for">
              {answer.asks.map(({ field, why }) => (
                <li key={field}>
                  {field.replaceAll("_", " ")}: {why}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      {(problem || (answer && answer.asks.length > 0)) && (
        <button type="button" class="secondary" onClick={again}>
          Try again
        </button>
      )}
    </article>
  );
}
