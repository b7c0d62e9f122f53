// Start: all that keeps the page going by itself, begun and stopped together.

import { watchOthers } from "./compare";
import { watchCensus } from "./deadCounts";
import { watchModel } from "./model";
import { watchSize } from "./page";
import { watchPlay } from "./playback";
import { pause, watchAnswers, watchRuns } from "./poll";
import { watchPlace } from "./prefetch";
import { watchScale } from "./scale";
import { watchSummary } from "./summary";
import { watchHold } from "./tileOrder";

const ALL = [
  watchSize,
  watchRuns,
  watchPlace,
  watchAnswers,
  watchHold,
  watchCensus,
  watchModel,
  watchPlay,
  watchScale,
  watchOthers,
  watchSummary,
];

export function start(): () => void {
  const stops = ALL.map((watch) => watch());
  return () => {
    for (const stop of stops) stop();
    pause();
  };
}
