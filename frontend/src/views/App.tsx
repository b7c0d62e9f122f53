// The page: top bar, layers, tiles, pinboard and time bar.

import { lost } from "../data/connection";
import { besideRuns } from "../state/compare";
import { isNarrow, isWide, stageAlone } from "../state/page";
import { entry, faults, helpOpen, index, place, run, runs, screen, view } from "../state/store";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { CompareBar } from "./compare/CompareBar";
import { Empty, Unreachable, Unreadable } from "./Empty";
import { Hovered } from "./examples/Hovered";
import { Opened } from "./examples/Opened";
import { Head } from "./grid/Head";
import { Pinboard } from "./grid/Pinboard";
import { Tiles } from "./grid/Tiles";
import { HelpDialog } from "./help/HelpDialog";
import { Layers } from "./layers/Layers";
import { Summary } from "./summary/Summary";
import { TimeBar } from "./time/TimeBar";
import { LayerNotices, Notices } from "./top/Notices";
import { TopBar } from "./top/TopBar";
import { Viewer } from "./viewer/Viewer";

export function App() {
  if (runs.value === null && lost.value) return <Unreachable />;
  if (runs.value?.length === 0) return <Empty />;
  return (
    <div class="app">
      {!stageAlone.value && (
        <>
          <TopBar />
          <Notices />
        </>
      )}
      {unreadable() ? <Unreadable /> : <Middle />}
      {!stageAlone.value && <Pinboard />}
      {(view.value.page === "tiles" || unreadable()) && <TimeBar />}
      <Hovered />
      <Opened />
      {helpOpen.value && <HelpDialog />}
    </div>
  );
}

function unreadable(): boolean {
  return Boolean(entry.value?.problem && !place.value?.layer) || (!index.value && faults.value.has(run.value ?? ""));
}

/** Whether the other tiles stay next to the enlarged one. */
function gridBeside(): boolean {
  return isWide.value && !stageAlone.value && view.value.layout === "tiles" && besideRuns.value.length === 0;
}

function Middle() {
  if (view.value.page === "summary") return <Summary />;
  const { status } = screen.value;
  const enlarged = view.value.tile !== null && status !== "absent" && status !== "failed";
  return (
    <div class={`middle ${isNarrow.value || stageAlone.value ? "middle-narrow" : ""}`}>
      {!isNarrow.value && !stageAlone.value && <Layers />}
      <main class="main">
        <ErrorBoundary about={JSON.stringify(place.value)}>
          {enlarged ? (
            <div class="main-enlarged">
              {gridBeside() && <Tiles />}
              <Viewer />
            </div>
          ) : (
            <>
              <CompareBar />
              <Head />
              <LayerNotices />
              <Tiles />
            </>
          )}
        </ErrorBoundary>
      </main>
    </div>
  );
}
