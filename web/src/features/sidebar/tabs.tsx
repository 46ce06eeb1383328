import { n } from '../../lib/strings.ts';
import { Badge } from '../../ui/badge.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useApp } from '../context.ts';

const TABS = [
  { href: '/', name: 'home', icon: 'home', label: 'Home' },
  { href: '/rooms', name: 'rooms', icon: 'hash', label: 'All rooms' },
  { href: '/settings', name: 'settings', icon: 'user', label: 'You' },
] as const;

/** The phone's foot on Home, All rooms and You; never in a room. */
export function Tabs() {
  const { parley, router } = useApp();
  const route = router.route.value;
  const mentions = parley.rooms.mentions.value;
  return (
    <div class="tabs">
      {TABS.map((tab) => (
        <a key={tab.href} href={tab.href} aria-current={route.name === tab.name ? 'page' : undefined}>
          <Icon name={tab.icon} />
          {tab.label}
          {tab.name === 'home' && mentions > 0 && <Badge count={mentions} label={n('rooms.mentions', mentions)} />}
        </a>
      ))}
    </div>
  );
}
