import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

/** The only thing this page keeps on the machine, beside the names of saved views. */
export const theme = signal<Theme>('system');
const key = 'sallyport-theme';

export function restoreTheme(): void {
  const kept = localStorage.getItem(key);
  setTheme(kept === 'light' || kept === 'dark' ? kept : 'system');
}

export function setTheme(next: Theme): void {
  theme.value = next;
  if (next === 'system') {
    localStorage.removeItem(key);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(key, next);
    document.documentElement.dataset.theme = next;
  }
}
