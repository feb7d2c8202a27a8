import { computed, signal } from '@preact/signals';

/** Where we are. Every view has an address of its own, and its filters stand in it. */
export type Screen = 'now' | 'approvals' | 'tasks' | 'why' | 'agents' | 'policy' | 'settings';

const screens: readonly Screen[] = ['now', 'approvals', 'tasks', 'why', 'agents', 'policy', 'settings'];

const address = signal(readAddress());

function readAddress(): { readonly path: string; readonly query: string } {
  return { path: location.pathname, query: location.search };
}

export const screen = computed<Screen>(() => screens.find(name => address.value.path.split('/')[1] === name) ?? 'now');
/** What follows the screen's name: an id, or nothing. */
export const subject = computed(() => address.value.path.split('/')[2] ?? '');
export const query = computed(() => new URLSearchParams(address.value.query));

addEventListener('popstate', () => {
  address.value = readAddress();
});

export function go(path: string, how: 'push' | 'replace' = 'push'): void {
  if (path === location.pathname + location.search) return;
  if (how === 'push') history.pushState(null, '', path);
  else history.replaceState(null, '', path);
  address.value = readAddress();
  if (how === 'push') scrollTo(0, 0);
}

/** A changed filter is not a place to go back to. */
export function setQuery(name: string, value: string): void {
  const next = new URLSearchParams(query.value);
  if (value === '') next.delete(name);
  else next.set(name, value);
  const text = next.toString();
  go(address.value.path + (text === '' ? '' : `?${text}`), 'replace');
}

/** Links of ours are followed without loading the page anew: the sign-in lives in its memory. */
export function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = (event.target as Element | null)?.closest?.('a[href]');
  const href = link?.getAttribute('href');
  if (href === null || href === undefined || !href.startsWith('/')) return;
  event.preventDefault();
  go(href);
}
