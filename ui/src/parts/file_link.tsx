/** A **file** of the API: a link that the browser follows by itself or, with a key, which no link can carry, a button that fetches it. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { addressOf, key, Problem, send } from "../api/client";

/** Some browsers read what a link leads to after the click has returned. */
const KEPT_MS = 60_000;

interface Props {
  /** Where the API has it. */
  path: string;
  /** What it is saved as where it is fetched. */
  name: string;
  /** What went wrong with it; nothing when it is asked for anew. */
  told: (problem?: Problem) => void;
  /** Whether it is looked at in a tab of its own rather than saved. */
  shown?: boolean;
  children: ComponentChildren;
}

export function FileLink({ path, name, told, shown, children }: Props) {
  const [busy, setBusy] = useState(false);
  if (!key.value) {
    const how = shown ? { target: "_blank", rel: "noopener" } : { download: name };
    return (
      <a href={addressOf(path)} {...how}>
        {children}
      </a>
    );
  }
  const fetched = async () => {
    told(undefined);
    setBusy(true);
    try {
      save(await (await send(path, { accept: "*/*" })).blob(), name);
    } catch (error) {
      told(error instanceof Problem ? error : new Problem(0, `${name} did not arrive as a whole: ${String(error)}`));
    } finally {
      setBusy(false);
    }
  };
  return (
    <button type="button" class="quiet" disabled={busy} aria-busy={busy} onClick={fetched}>
      {children}
    </button>
  );
}

function save(content: Blob, name: string): void {
  const href = URL.createObjectURL(content);
  Object.assign(document.createElement("a"), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), KEPT_MS);
}
