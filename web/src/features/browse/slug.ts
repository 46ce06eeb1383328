const LONGEST = 64;

/** An address from a name: "Café & Löwe" becomes "cafe-lowe". Empty when nothing of it can stand in an address. */
export function slugFrom(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  const slug = plain
    .replace(/[^a-z0-9_]+/gu, '-')
    .replace(/^[-_]+/u, '')
    .slice(0, LONGEST)
    .replace(/-+$/u, '');
  return /^\d+$/u.test(slug) ? `room-${slug}` : slug;
}
