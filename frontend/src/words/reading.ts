// How to read what the tab shows: the words of the help sheet, and of docs/reading.md.

export interface Hint {
  readonly title: string;
  readonly text: string;
}

export interface Chapter {
  readonly title: string;
  readonly hints: readonly Hint[];
}

export const READING: readonly Chapter[] = [
  {
    title: "Filter patterns",
    hints: [
      {
        title: "Brightness says nothing, the score does",
        text: "A pattern is the picture a filter answers to most, found by gradient ascent from grey noise. Its contrast is stretched so that it can be seen. How strongly the filter answers is the score below it; the bar is that score against the highest of the layer.",
      },
      {
        title: "No response is not yet dead",
        text: "The ascent found no picture that the filter answers to, starting from this noise. Another start might. Dead is said only of a filter that is silent on the probe pictures, too; point at the word to read why.",
      },
      {
        title: "Look at a frozen layer first",
        text: "The noise a pattern starts from is the same at all steps, so what changes, training changed. A layer that is frozen with all before it proves it: its patterns must not change. If they do, that much of every other change is noise as well.",
      },
      {
        title: "A filter's number is a name, not a meaning",
        text: "Filter 12 is the same filter at all steps of a run, and in runs that began with the same weights. In two runs that were initialised separately it is two different filters.",
      },
    ],
  },
  {
    title: "Heatmaps",
    hints: [
      {
        title: "Evidence for the class named below, not what the network sees",
        text: "A map shows where the layer finds evidence for one class. Where that class has a probability of 1 %, the map says what would speak for it, and other classes have more.",
      },
      {
        title: "Bright is not strong",
        text: "Unless you choose another scale under the legend, each map is drawn over its own maximum, and a weak map looks as bright as a strong one. The maximum is the number beside it.",
      },
      {
        title: "No evidence is an answer",
        text: "A map that is zero everywhere is shown as empty. It is not a map that failed, and not a weak one.",
      },
      {
        title: "The map is coarser than it looks",
        text: "It has the layer's own resolution, often 7 by 7 or 14 by 14 values, and is smoothed over the picture. Enlarge a tile to see the values as squares.",
      },
    ],
  },
  {
    title: "Numbers",
    hints: [
      {
        title: "Three kinds of drift",
        text: "Kernel drift is how far the weights moved, pattern drift how different the picture became, function drift how differently the filter answers the probe pictures. Weights can move without effect, and a picture can change by chance: believe what two of them say.",
      },
      {
        title: "Below the dashed line is noise",
        text: "Two ascents of one filter differ a little. How much was measured in the same run, and is the dashed line under pattern drift. A frozen layer has a kernel drift of exactly 0.",
      },
      {
        title: "Mind the ticks",
        text: "A pattern goes on from the picture before, so that frames morph; now and then it is begun anew from the seed, so that an old picture cannot hide a change. A jump at such a tick may be the new beginning.",
      },
      {
        title: "A picture may be older than its step",
        text: "Where a budget limits the time, some pictures are kept from an earlier step. The tile says from which.",
      },
      {
        title: "Drift from B is of pictures only",
        text: "Kernel and function drift are stored against the baseline and the last log. Against any other step, or the last step of a run that began with the same weights, the browser compares the two pictures.",
      },
    ],
  },
  {
    title: "Comparing",
    hints: [
      {
        title: "One scale before you compare",
        text: "Two maps that are each drawn over their own maximum can be compared in where, not in how much. Choose one scale for the picture or the layer under the legend; its ends are raw values.",
      },
      {
        title: "Orange is more in A, purple is more in B",
        text: "A difference is A minus B: raw values of heatmaps, brightness of patterns. Where nothing differs it is clear, and one scale holds for all tiles.",
      },
      {
        title: "A map of another class answers another question",
        text: "Where the prediction has changed, B may hold the map of another class; a note on the tile names it. Log the same classes at all steps to compare evidence for one class.",
      },
    ],
  },
  {
    title: "Steps",
    hints: [
      {
        title: "A step is the number of epochs completed",
        text: "Step 0 is the model before training. Steps that TensorBoard did not keep have no tick, and a note says how many there are.",
      },
      {
        title: "The curve is an epoch, the picture a moment",
        text: "The metrics over the ticks come from Keras' own TensorBoard callback. Those of the training data are means over the epoch, while the weights moved; the pictures are of its end, as are the metrics of the validation data.",
      },
    ],
  },
];
