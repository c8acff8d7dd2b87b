/** The frame of every view: what leads to the others, and where the content is. */
import { useEffect, useRef } from "preact/hooks";
import { address, link, type View } from "./address";
import { addressOf } from "./api/client";
import { KeyButton } from "./parts/key_dialog";
import { Catalogue } from "./views/catalogue";
import { CampaignView } from "./views/campaign";
import { Campaigns } from "./views/campaigns";
import { Compare } from "./views/compare";
import { History } from "./views/history";
import { Imports } from "./views/imports";
import { Recommend } from "./views/recommend";

const TITLES: Record<View, string> = {
  catalogue: "Catalogue",
  recommend: "Recommend",
  compare: "Compare",
  history: "History",
  campaigns: "Campaigns",
  campaign: "Campaign",
  imports: "Import",
};

const LED_TO: View[] = ["catalogue", "recommend", "compare", "campaigns", "imports"];

function Shown({ view }: { view: View }) {
  switch (view) {
    case "campaigns":
      return <Campaigns />;
    case "campaign":
      return <CampaignView />;
    case "imports":
      return <Imports />;
    case "compare":
      return <Compare />;
    case "history":
      return <History />;
    case "recommend":
      return <Recommend />;
    case "catalogue":
      return <Catalogue />;
  }
}

export function Page() {
  const { view } = address.value;
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = `${TITLES[view]} · Assay`;
    // A screen reader goes on at the new view, as it does on a new page.
    if (!first.current) {
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    first.current = false;
  }, [view]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href={link("catalogue")}>
          Assay
        </a>
        <nav aria-label="Views">
          {LED_TO.map((to) => (
            <a key={to} href={link(to)} aria-current={to === view ? "page" : undefined}>
              {TITLES[to]}
            </a>
          ))}
        </nav>
        <KeyButton />
      </header>
      <main id="main" ref={main} tabIndex={-1} aria-label={TITLES[view]}>
        <Shown view={view} />
      </main>
      <footer>
        Numbers marked <em>simulated</em>, <em>forecast</em> or <em>imported</em> were not measured here, and are never
        ranked with those that were. <a href={addressOf("/openapi.json")}>The API</a>
      </footer>
    </>
  );
}
