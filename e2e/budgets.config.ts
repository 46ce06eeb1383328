import { defineConfig } from '@playwright/test';
import specs from './playwright.config.ts';

// Measuring wants the machine for itself: one worker, and no limit in a hurry.
export default defineConfig({
  ...specs, projects: [{ name: 'budgets' }], testDir: 'budgets', workers: 1, fullyParallel: false, timeout: 300_000,
});
