import { fileURLToPath } from 'node:url';

/** What a client's file calls: this very script, so that a hook does not wait for a program to start. */
export const hookScript = fileURLToPath(new URL('../../bin/hook.sh', import.meta.url));
