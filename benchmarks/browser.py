"""How fast the tab is in a headless Chromium, on a large log, and against the stock Images tab.

Prints one line per measure: what, the median or the worst of all rounds, and the target. Wants
Playwright (it comes with the extra `dev`) and a Chromium; CHROMIUM names another program.
"""

import argparse
import gzip
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from big_log import write_log
from playwright.sync_api import Browser, CDPSession, Frame, Page, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
BUNDLE = Path(__file__).parent.parent / "convviz_tb" / "static" / "index.js"
RUN = "run1/convviz"
ROUNDS = 15
LATENCY = 100  # milliseconds

#: Notes when a key or the pointer went down, and at which frame the tiles of another step stood.
WATCH = """() => {
  const log = (window.benchmark = {asked: 0, drawn: [], tasks: [], label: null});
  const now = () => document.querySelector('.room[aria-busy=false] .grid')?.ariaLabel;
  log.label = now();
  for (const kind of ['keydown', 'pointerdown'])
    addEventListener(kind, () => { log.asked = performance.now(); }, true);
  new PerformanceObserver(list => list.getEntries().forEach(one => log.tasks.push(one.duration)))
    .observe({type: 'longtask'});
  const look = () => {
    const label = now();
    if (label && label !== log.label) {
      log.label = label;
      log.drawn.push(performance.now() - log.asked);
    }
    requestAnimationFrame(look);
  };
  look();
}"""


@contextmanager
def tensorboard(logdir: Path, *flags: str) -> Iterator[str]:
    """Address of a TensorBoard that has read everything."""
    output = tempfile.TemporaryFile("w+")
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir), "--port=0"]
    process = subprocess.Popen([*command, *flags], stdout=output, stderr=subprocess.STDOUT)
    try:
        url = None
        while url is None:
            time.sleep(0.1)
            output.seek(0)
            found = re.search(r" at (http://\S+)", output.read())
            url = found and found[1]
        sizes = [-1, -2]
        while sizes[-1] != sizes[-2]:  # until the loader finds nothing more
            time.sleep(3)
            sizes.append(len(ask(url, "runs")[0]) + len(ask(url, f"series?run={RUN}")[0]))
        yield url
    finally:
        process.terminate()
        process.wait()


def ask(url: str, route: str) -> tuple[bytes, float]:
    """The answer of a route of ours, and the milliseconds it took."""
    started = time.perf_counter()
    request = urllib.request.Request(f"{url}data/plugin/convviz/{route}")
    try:
        with urllib.request.urlopen(request) as response:
            body = response.read()
    except urllib.error.HTTPError:  # not read yet
        body = b""
    return body, (time.perf_counter() - started) * 1000


def report(what: str, value: float, unit: str, target: float | None = None) -> None:
    """Prints one line."""
    said = "" if target is None else f"{'' if value <= target else 'MISSED '}(at most {target:g})"
    print(f"{what:58}{value:10.1f} {unit:3} {said}", flush=True)


def frame_of(page: Page) -> Frame:
    """The frame of our tab, once its tiles are drawn."""
    frame = page.wait_for_selector('iframe[src*="name=convviz"]').content_frame()
    assert frame is not None
    frame.wait_for_selector(".room[aria-busy=false] .tile canvas")
    return frame


def first_picture(browser: Browser, url: str) -> float:
    """Milliseconds from choosing the tab to its first tiles."""
    times = []
    for _ in range(5):
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"{url}#timeseries")
        page.wait_for_timeout(3000)
        started = page.evaluate("() => { location.hash = '#convviz'; return Date.now(); }")
        frame = page.wait_for_selector('iframe[src*="name=convviz"]').content_frame()
        assert frame is not None
        frame.wait_for_function("document.querySelector('.tile canvas')", polling="raf")
        times.append(frame.evaluate("Date.now()") - started)
        page.close()
    return statistics.median(times)


def step_change(page: Page, frame: Frame, *, near: bool) -> float:
    """Milliseconds from a key or a click to the tiles of the new step."""
    frame.evaluate("() => { benchmark.drawn = []; }")
    box = frame.locator(".track").bounding_box()
    assert box is not None
    for at in range(ROUNDS):
        before = frame.evaluate("benchmark.drawn.length")
        if near:
            page.keyboard.press("ArrowLeft")
        else:  # far from every step that was on screen so far, and at rest before
            page.mouse.click(box["x"] + box["width"] * (0.03 + 0.06 * at), box["y"] + 40)
        frame.wait_for_function(f"benchmark.drawn.length > {before}")
        page.wait_for_timeout(800)
    return statistics.median(frame.evaluate("benchmark.drawn"))


def scrub(page: Page, frame: Frame, session: CDPSession) -> tuple[float, float, int]:
    """Drags to the last step and back.

    Returns:
        The longest task (0 where none took 50 ms; painting, collecting garbage and waiting for a
        processor included), the longest stretch of script, and the number of steps drawn.
    """
    frame.evaluate("() => { benchmark.drawn = []; benchmark.tasks = []; }")
    box = frame.locator(".track").bounding_box()
    assert box is not None
    y = box["y"] + 40
    session.send("Profiler.start")
    page.mouse.move(box["x"], y)
    page.mouse.down()
    for step in [*range(200), *range(199, -1, -1)]:
        page.mouse.move(box["x"] + box["width"] * step / 199, y)
        page.wait_for_timeout(12)
    page.mouse.up()
    page.wait_for_timeout(500)
    script = longest_script(session.send("Profiler.stop")["profile"])
    tasks = frame.evaluate("benchmark.tasks")
    return max(tasks, default=0), script, frame.evaluate("benchmark.drawn.length")


def longest_script(profile: dict[str, Any]) -> float:
    """Milliseconds of the longest stretch of samples that lie in a function."""
    names = {node["id"]: node["callFrame"]["functionName"] for node in profile["nodes"]}
    longest = stretch = 0.0
    for sample, micros in zip(profile["samples"], profile["timeDeltas"], strict=True):
        stretch = 0.0 if names[sample].startswith("(") else stretch + micros / 1000
        longest = max(longest, stretch)
    return longest


def memory(session: CDPSession, browser_session: CDPSession) -> tuple[float, float]:
    """Megabytes of JavaScript, and of the largest renderer process, after a collection."""
    session.send("HeapProfiler.collectGarbage")
    metrics = {
        one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]
    }
    processes = browser_session.send("SystemInfo.getProcessInfo")["processInfo"]
    sizes = [0.0]
    for process in processes:
        status = Path(f"/proc/{process['id']}/status")
        if process["type"] == "renderer" and status.exists():
            found = re.search(r"VmRSS:\s+(\d+)", status.read_text())
            sizes.append(int(found[1]) / 1000 if found else 0)
    return metrics["JSHeapUsedSize"] / 1e6, max(sizes)


def far_away(page: Page) -> None:
    """Has every request take longer, as through a tunnel to another site."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    conditions = {"latency": LATENCY, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {"offline": False, **conditions})


def images_tab(browser: Browser, url: str, *, far: bool) -> float:
    """Milliseconds per step of the stock tab: from its slider to the picture of that step."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    if far:
        far_away(page)
    page.goto(f"{url}#images&run=run1&tagFilter=conv1")
    page.wait_for_selector("tf-image-loader img", timeout=60_000)
    page.wait_for_timeout(3000)
    times = page.evaluate(
        """async rounds => {
          const find = (root, name) => {
            for (const one of root.querySelectorAll('*')) {
              if (one.localName === name) return one;
              const inside = one.shadowRoot && find(one.shadowRoot, name);
              if (inside) return inside;
            }
          };
          const card = find(document, 'tf-image-loader');
          const slider = find(card.shadowRoot, 'paper-slider');
          const shown = () => find(card.shadowRoot, 'img')?.src;
          const times = [];
          for (let at = 0; at < rounds; at++) {
            const before = shown();
            const started = performance.now();
            slider.immediateValue = slider.value = slider.value - 1;
            while (true) {
              await new Promise(requestAnimationFrame);
              const img = find(card.shadowRoot, 'img');
              if (img?.src && img.src !== before && img.complete && img.naturalWidth) break;
              if (performance.now() - started > 20000) throw new Error('no picture');
            }
            times.push(performance.now() - started);
            await new Promise(done => setTimeout(done, 800));
          }
          return times;
        }""",
        ROUNDS,
    )
    page.close()
    return statistics.median(times)


def measure(logdir: Path, minutes: float) -> None:
    """Prints every figure."""
    query = urllib.parse.urlencode({"run": RUN})
    with tensorboard(logdir) as url, sync_playwright() as playwright:
        answers = [ask(url, f"series?{query}") for _ in range(10)]
        report("index of a run: time", statistics.median(time for _, time in answers), "ms", 100)
        report("index of a run: size", len(answers[0][0]) / 1000, "kB", 200)
        report("frontend, compressed", len(gzip.compress(BUNDLE.read_bytes())) / 1000, "kB", 80)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        report("first picture after choosing the tab", first_picture(browser, url), "ms", 1000)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"{url}#convviz&p.convviz.run={RUN}")
        frame = frame_of(page)
        frame.evaluate(WATCH)
        page.wait_for_timeout(2000)
        near = step_change(page, frame, near=True)
        report("another step, prefetched", near, "ms", 50)
        report("another step, not prefetched", step_change(page, frame, near=False), "ms", 250)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        session.send("Profiler.enable")
        session.send("Profiler.setSamplingInterval", {"interval": 500})
        longest, script, drawn = scrub(page, frame, session)
        report("scrubbing 400 steps: longest stretch of script", script, "ms", 50)
        report("scrubbing 400 steps: longest task, painting included", longest, "ms")
        report("steps drawn meanwhile", drawn, "")
        distant = browser.new_page(viewport={"width": 1400, "height": 900})
        far_away(distant)
        distant.goto(f"{url}#convviz&p.convviz.run={RUN}")
        remote = frame_of(distant)
        remote.evaluate(WATCH)
        distant.wait_for_timeout(2000)
        near_far = step_change(distant, remote, near=True)
        report(f"another step, prefetched, {LATENCY} ms away", near_far, "ms")
        distant.close()
        whole = browser.new_browser_cdp_session()
        heap, process = memory(session, whole)
        deadline = time.monotonic() + 60 * minutes
        while time.monotonic() < deadline:
            script = max(script, scrub(page, frame, session)[1])
        after, process_after = memory(session, whole)
        print(f"{minutes:g} minutes of scrubbing: script {heap:.0f} -> {after:.0f} MB", end=", ")
        print(f"process {process:.0f} -> {process_after:.0f} MB, at most {script:.0f} ms of script")
        browser.close()
    with tensorboard(logdir, "--samples_per_plugin=images=1000") as url:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            stock = images_tab(browser, url, far=False)
            report("the same sheet in the stock Images tab, another step", stock, "ms")
            stock_far = images_tab(browser, url, far=True)
            report(f"the same, {LATENCY} ms away", stock_far, "ms")
            print(
                f"times as fast: {stock / near:.1f} beside it, {stock_far / near_far:.1f} far away"
            )
            browser.close()


def main() -> None:
    """Writes the log, unless it is given, and measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logdir", type=Path, help="written by an earlier call; else a new one")
    parser.add_argument("--minutes", type=float, default=1, help="of scrubbing, for the memory")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        logdir = arguments.logdir or Path(scratch)
        if not any(logdir.glob("*/convviz")):
            started = time.time()
            size = {"runs": 4, "layers": 8, "steps": 200, "filters": 64, "tile": 64}
            write_log(logdir, **size, start=1.79e9)
            print(f"log written in {time.time() - started:.0f} s: {size}")
        measure(logdir, arguments.minutes)


if __name__ == "__main__":
    main()
