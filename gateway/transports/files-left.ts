import { readFileSync } from 'node:fs';

/** Files that are not for connections of clients: some 70 of the gateway itself, and the pipes and sockets of 48 servers. Of few files three quarters. */
const ownFilesMax = 240;

/** What part of the files that are left a door takes: half for the one listener, a sixth for each of the three others. */
const parts = { half: 2, sixth: 6 };
export type ShareOfFiles = keyof typeof parts;

/**
 * How many connections a door may hold at once: `most`, or its share of the files that this process may open. To connect
 * proves nothing, and must not take the files that the record is written with: without them the gateway ends.
 */
export function connectionsWithin(most: number, share: ShareOfFiles): number {
  const files = filesMax() ?? Number.POSITIVE_INFINITY;
  const left = files - Math.min(ownFilesMax, Math.floor((files * 3) / 4));
  return Math.max(1, Math.min(most, Math.floor(left / parts[share])));
}

/** RLIMIT_NOFILE (getrlimit(2)), which Node raises as far as it may; undefined where nothing says it. */
function filesMax(): number | undefined {
  const soft = process.platform === 'linux' ? limitInProc() : limitInReport();
  return Number.isInteger(soft) ? soft : undefined;
}

function limitInProc(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

function limitInReport(): number | undefined {
  // Names of machines that it would look up otherwise.
  (process.report as { excludeNetwork?: boolean }).excludeNetwork = true;
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const soft = userLimits?.open_files?.soft;
  return soft === undefined ? undefined : Number(soft);
}
