import { execFileSync } from 'node:child_process';
import { defineConfig } from '@playwright/test';
import type { WorkerOptions } from './harness/test.ts';

// The browser of the system: Playwright's own is never downloaded.
function systemChromium(): string {
  const found = process.env['CHROMIUM'] ?? execFileSync('sh', ['-c', 'command -v chromium || command -v google-chrome']).toString().trim();
  if (!found) throw new Error('no chromium in the PATH: install it, or name it in CHROMIUM');
  return found;
}

export default defineConfig<object, WorkerOptions>({
  testDir: 'specs',
  outputDir: 'test-results',
  fullyParallel: true,
  workers: 2,
  retries: 0, // a test that passes the second time is a defect of it or of the product
  forbidOnly: Boolean(process.env['CI']),
  timeout: 90_000, // two busy cores; each wait inside has its own limit
  expect: { timeout: 20_000 },
  reporter: 'list',
  // The same specs twice. What needs a second node is left out with one; what is
  // about copies has a configuration of its own.
  projects: [
    { name: 'one-node', testIgnore: ['nodes.spec.ts', 'copied.spec.ts'], use: { nodes: 1 } },
    { name: 'two-nodes', testIgnore: 'copied.spec.ts', use: { nodes: 2 } },
  ],
  use: {
    actionTimeout: 20_000,
    navigationTimeout: 20_000,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    launchOptions: {
      executablePath: systemChromium(),
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync',
      ],
    },
  },
});
