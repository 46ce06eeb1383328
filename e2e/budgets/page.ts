// What runs in the page to measure it.
import type { CDPSession, Page } from '@playwright/test';

/** The reference phone: a processor four times slower, 1.6 Mbit/s, 150 ms. */
export async function slowDown(devtools: CDPSession, { network }: { network: boolean }): Promise<void> {
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  if (!network) return;
  await devtools.send('Network.enable');
  const bytes = (1.6 * 1024 * 1024) / 8;
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false, latency: 150, downloadThroughput: bytes, uploadThroughput: bytes,
  });
}

export async function metric(devtools: CDPSession, name: string): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find((one) => one.name === name)!.value;
}

/** Bytes in use after everything that can go is gone. */
export async function heap(devtools: CDPSession): Promise<number> {
  for (let i = 0; i < 3; i++) await devtools.send('HeapProfiler.collectGarbage');
  return metric(devtools, 'JSHeapUsedSize');
}

export interface Start {
  ready: number;
  paint: number;
  script: number;
  shift: number;
  js: number;
  css: number;
  requests: number;
}

/** How the page came up, in ms since it was asked for. Call `watchShifts` before. */
export async function start(page: Page): Promise<Start> {
  await page.waitForFunction(() => performance.getEntriesByName('room-ready').length > 0);
  return page.evaluate(() => {
    const ready = performance.getEntriesByName('room-ready')[0]!.startTime;
    const all = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const before = all.filter((one) => one.startTime < ready && !one.name.endsWith('/favicon.svg'));
    const bytes = (ending: string) =>
      before.filter((one) => one.name.endsWith(ending)).reduce((sum, one) => sum + one.encodedBodySize, 0);
    const scripts = before.filter((one) => one.name.endsWith('.js'));
    return {
      ready,
      paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      script: ready - Math.max(...scripts.map((one) => one.responseEnd)),
      shift: (window as unknown as { shifted: number }).shifted,
      js: bytes('.js'),
      css: bytes('.css'),
      requests: before.length + 1,
    };
  });
}

/** Adds up layout shifts from the beginning on, in `window.shifted`. */
export function watchShifts(): void {
  const sum = window as unknown as { shifted: number };
  sum.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
      if (!entry.hadRecentInput) sum.shifted += entry.value;
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** Opens rooms by their links; ms from each click to the paint that shows the room. */
export function switchRooms(slugs: string[]): Promise<number[]> {
  const painted = () => new Promise<number>((resolve) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now());
    channel.port2.postMessage(0);
  }));
  const open = async (slug: string): Promise<number> => {
    const begun = performance.now();
    document.querySelector<HTMLElement>(`nav a[href="/rooms/${slug}"]`)!.click();
    let now = await painted();
    while (document.querySelector('textarea')?.getAttribute('aria-label') !== `Message #${slug}` || !document.querySelector('.log-block [data-seq]')) {
      now = await painted();
    }
    return now - begun;
  };
  return (async () => {
    const all = [];
    for (const slug of slugs) {
      all.push(await open(slug));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return all;
  })();
}

/** Collects how long key presses took until painted, in `window.keys`; what Event Timing leaves out took less than 16 ms. */
export function watchKeys(): void {
  const kept = window as unknown as { keys: number[] };
  kept.keys = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.name === 'keydown') kept.keys.push(entry.duration);
  }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
}

/** The times of frames, and how far the row on top moves by itself, until `window.stopFrames()`. */
export function watchFrames(): void {
  const kept = window as unknown as { frames: number[]; moved: number; stopFrames: () => void };
  kept.frames = [];
  kept.moved = 0;
  let going = true;
  kept.stopFrames = () => (going = false);
  const box = document.querySelector('.log')!;
  const edge = box.getBoundingClientRect().top;
  const rows = () => [...document.querySelectorAll<HTMLElement>('.log-block > [data-seq]')];
  const row = rows().find((one) => one.getBoundingClientRect().bottom > edge + 1)!;
  const seq = row.dataset['seq'];
  const place = row.getBoundingClientRect().top;
  let last = performance.now();
  const frame = (now: number) => {
    kept.frames.push(now - last);
    last = now;
    const here = row.isConnected ? row : document.querySelector(`.log-block > [data-seq="${seq}"]`);
    if (here) kept.moved = Math.max(kept.moved, Math.abs(here.getBoundingClientRect().top - place));
    if (going) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** Long tasks, in `window.long`. */
export function watchLongTasks(): void {
  const kept = window as unknown as { long: number[] };
  kept.long = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) kept.long.push(entry.duration);
  }).observe({ type: 'longtask' });
}
