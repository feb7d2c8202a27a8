import type { VNode } from 'preact';
import type { Screen } from '../data/route.ts';

/** Two doors, of which one is open. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M5 28V10a6 6 0 0 1 12 0v18" />
      <path d="M17 14.5a5 5 0 0 1 10 0V28" />
      <path d="M3 28h26" />
      <path d="M11 28V9l6-4" />
    </svg>
  );
}

const icon = (d: string): VNode => (
  <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
    <path d={d} />
  </svg>
);

export const icons: Readonly<Record<Screen, VNode>> = {
  now: icon('M2.5 10h3l2-5.5 4 11 2.2-5.5h3.8'),
  approvals: icon('M4 3.5h12v9.5H9.5L6 16.5V13H4zM8 8.2l1.6 1.6L12.6 6.6'),
  tasks: icon('M4 4.5h5v4H4zM11 12h5v4h-5zM6.5 8.5V14H11'),
  why: icon('M10 3a7 7 0 1 0 0 14a7 7 0 0 0 0-14z'),
  agents: icon('M10 9.5a3 3 0 1 0 0-6a3 3 0 0 0 0 6zM4 16.5c.6-3 2.900-4.500 6-4.500s5.400 1.500 6 4.500'),
  policy: icon('M5.500 3h6.500l3 3v11h-9.500zM12 3v3h3M8 10h4.500M8 13h4.500'),
  settings: icon('M3.500 6h8M15.500 6h1M3.500 14h1M8.500 14h8M13.500 4v4M6.500 12v4'),
};
