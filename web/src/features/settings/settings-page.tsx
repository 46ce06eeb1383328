import { AccountSettings } from './account.tsx';
import { AppearanceSettings } from './appearance.tsx';
import { SessionSettings } from './sessions.tsx';

const PAGES = { account: AccountSettings, appearance: AppearanceSettings, sessions: SessionSettings };

/** Loaded on first use. An unknown page shows the account. */
export function SettingsPage({ page }: { page: string }) {
  const Page = PAGES[page as keyof typeof PAGES] ?? AccountSettings;
  return (
    <div class="page scroll grow">
      <div class="inner">
        <Page />
      </div>
    </div>
  );
}
