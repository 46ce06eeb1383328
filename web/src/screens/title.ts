import { useEffect } from 'preact/hooks';
import { useParley } from '../features/context.ts';
import type { Route } from '../lib/router.ts';

/** "(3) launch · Harbour Studio": the number is the same as on the badges; the favicon has a dot for it. */
export function useTitle(route: Route): void {
  const { rooms, session } = useParley();
  const mentions = rooms.mentions.value;
  const place =
    route.name === 'room' ? rooms.bySlug(route.slug)?.name : route.name === 'rooms' ? 'All rooms' : undefined;
  const workspace = session.server.value?.name ?? 'Parley';
  useEffect(() => {
    if (route.name === 'settings' || route.name === 'admin') return;
    const name = place ? `${place} · ${workspace}` : workspace;
    document.title = mentions > 0 ? `(${mentions}) ${name}` : name;
  }, [route.name, place, workspace, mentions]);
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (icon) icon.href = mentions > 0 ? '/favicon-mark.svg' : '/favicon.svg';
  }, [mentions > 0]);
}
