import { useEffect } from 'preact/hooks';
import { SettingsMenu } from '../features/settings/settings-menu.tsx';
import { SettingsPage } from '../features/settings/settings-page.tsx';
import { Tabs } from '../features/sidebar/tabs.tsx';
import { Icon } from '../ui/icon.tsx';
import { isPhone } from '../ui/viewport.ts';

/** Settings: their menu in the sidebar's place. On the phone "/settings" is the menu itself. */
export function SettingsScreen({ page }: { page: string }) {
  useEffect(() => {
    document.title = 'Settings';
  }, []);
  return (
    <div class="app" data-show={page === '' ? 'side' : 'main'}>
      <SettingsMenu page={page || (isPhone.value ? '' : 'account')} foot={<Tabs />} />
      <main class="main" data-region="main" tabIndex={-1}>
        <div class="bar only-phone">
          <a class="ib back" href="/settings" aria-label="Back to settings">
            <Icon name="back" />
          </a>
        </div>
        <SettingsPage page={page || 'account'} />
      </main>
    </div>
  );
}
