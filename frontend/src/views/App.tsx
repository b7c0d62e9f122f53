// The whole page as a function of the state.

import { entry, faults, helpOpen, index, lost, place, run, runs, screen, view } from "../state";
import { CompareBar } from "./CompareBar";
import { Empty, Unreachable, Unreadable } from "./Empty";
import { Findings } from "./Findings";
import { Head } from "./Head";
import { Layers } from "./Layers";
import { LayerNotices, Notices } from "./Notices";
import { Safe } from "./Safe";
import { Shortcuts } from "./Shortcuts";
import { Tiles } from "./Tiles";
import { TimeBar } from "./TimeBar";
import { TopBar } from "./TopBar";
import { Tray } from "./Tray";
import { Viewer } from "./Viewer";

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
