// What every feature may reach: the client's state, the addresses, and the few
// things that features tell each other without importing each other.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Router } from '../lib/router.ts';
import type { Parley } from '../state/contract.ts';
import type { ComposerPort } from './composer-port.ts';
import type { FirstStepsProgress } from './first-steps.ts';
import type { Members } from './members.ts';

export interface AppParts {
  parley: Parley;
  router: Router;
  members: Members;
  composer: ComposerPort;
  steps: FirstStepsProgress;
}

export const AppContext = createContext<AppParts | null>(null);

export function useApp(): AppParts {
  const parts = useContext(AppContext);
  if (!parts) throw new Error('no app around this component');
  return parts;
}

export function useParley(): Parley {
  return useApp().parley;
}

/** Whether whoever is signed in is an administrator; follows changes. */
export function useIsAdmin(): boolean {
  return useParley().session.user.value?.role === 'admin';
}
