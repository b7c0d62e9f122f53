// The whole page as a function of the state.

import { lost } from "../data/connection";
import { entry, faults, helpOpen, index, place, run, runs, screen, view } from "../state/store";
import { Safe } from "../ui/ErrorBoundary";
import { CompareBar } from "./compare/CompareBar";
import { Empty, Unreachable, Unreadable } from "./Empty";
import { Head } from "./grid/Head";
import { Tiles } from "./grid/Tiles";
import { Tray } from "./grid/Tray";
import { Shortcuts } from "./help/HelpDialog";
import { Layers } from "./layers/Layers";
import { TimeBar } from "./time/TimeBar";
import { Findings } from "./top/Findings";
import { LayerNotices, Notices } from "./top/Notices";
import { TopBar } from "./top/TopBar";
import { Viewer } from "./viewer/Viewer";

export function App() {
  if (runs.value === null && lost.value) return <Unreachable />;
  if (runs.value?.length === 0) return <Empty />;
  return (
    <div class="app">
      <TopBar />
      <Notices />
      <Findings />
      {unreadable() ? <Unreadable /> : <Middle />}
      <Tray />
      <TimeBar />
      {helpOpen.value && <Shortcuts />}
    </div>
  );
}

function unreadable(): boolean {
  return Boolean(entry.value?.problem && !place.value?.layer) || (!index.value && faults.value.has(run.value ?? ""));
}

function Middle() {
  const { status } = screen.value;
  const enlarged = view.value.tile !== null && status !== "absent" && status !== "failed";
  return (
    <div class="middle">
      <Layers />
      <main class="main">
        <CompareBar />
        <Safe about={JSON.stringify(place.value)}>
          <Head />
          {!enlarged && <LayerNotices />}
          {enlarged ? <Viewer /> : <Tiles />}
        </Safe>
      </main>
    </div>
  );
}
