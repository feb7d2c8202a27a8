import { fileURLToPath } from 'node:url';

/** What a client's file calls: this very script, so that a hook does not wait for a program to start. */
export const hookScript = fileURLToPath(new URL('../../bin/hook.sh', import.meta.url));

/** The same for Windows, where a client has no POSIX shell for certain: it starts Node.js, and takes longer. */
const hookProgram = fileURLToPath(new URL('../../bin/hook.js', import.meta.url));

/** The program that answers a hook, and its first words. */
export function hookWords(platform: NodeJS.Platform): readonly [program: string, script: string] {
  return platform === 'win32' ? [process.execPath, hookProgram] : ['/bin/sh', hookScript];
}

/** What every client is told to wait for an answer. */
export const hookSeconds = 10;
