import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';

/** The user's home folder; undefined where `HOME` names none and the system's users have no entry for this one. */
export function homeDir(): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : undefined;
  } catch {
    return undefined;
  }
}
