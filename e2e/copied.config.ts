import { defineConfig } from '@playwright/test';
import type { WorkerOptions } from './harness/test.ts';
import specs from './playwright.config.ts';

// The same specs on workspaces that went through `parley copy` before the
// first browser came.
export default defineConfig<object, WorkerOptions>({
  ...specs,
  projects: [
    { name: 'to-postgres', testIgnore: 'nodes.spec.ts', use: { copied: 'to-postgres' } },
    { name: 'there-and-back', testIgnore: 'nodes.spec.ts', use: { copied: 'there-and-back' } },
  ],
});
