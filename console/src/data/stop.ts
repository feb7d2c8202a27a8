import { signal } from '@preact/signals';

/** What somebody is about to stop, as the control API names it (`all`, `agent:…`, `server:…`, `task:…`); nothing while nobody is. */
export const stopping = signal<string | undefined>(undefined);
