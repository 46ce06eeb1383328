import { effect } from '@preact/signals';
import { h, render } from 'preact';
import { App } from './app.tsx';
import { ComposerPort } from './features/composer-port.ts';
import { FirstStepsProgress } from './features/first-steps.ts';
import { Members } from './features/members.ts';
import { browserEnv } from './lib/browser.ts';
import { Router } from './lib/router.ts';
import { createParley } from './state/parley.ts';
import type { Preferences } from './state/contract.ts';
import { followKeyboard } from './ui/viewport.ts';

const parley = createParley(browserEnv());
const root = document.documentElement;

/** A theme is only an attribute; so are text size and density. */
function look({ theme, textSize, density, sidebarWidth }: Preferences): void {
  root.dataset['theme'] = theme;
  root.dataset['size'] = textSize;
  root.dataset['density'] = density;
  root.style.setProperty('--side-w', `${sidebarWidth}px`);
}

effect(() => look(parley.preferences.value.value));
followKeyboard(root);

const app = document.getElementById('app');
if (app) {
  const parts = {
    parley,
    router: new Router(window),
    members: new Members(parley.api),
    composer: new ComposerPort(),
    steps: new FirstStepsProgress(),
  };
  render(h(App, parts), app);
}
