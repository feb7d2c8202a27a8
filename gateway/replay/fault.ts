/** Why nothing can be replayed at all: policies, tools or a file that cannot be read. The message is for people. */
export class ReplayFault extends Error {
  override readonly name = 'ReplayFault';
}

/** Why a file that was named could not be read, for whoever named it. */
export function whyUnread(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown reason';
  return reasons.get((thrown as NodeJS.ErrnoException).code ?? '') ?? thrown.message;
}

/** errno(3). */
const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'it does not exist'],
  ['EACCES', 'this user may not read it'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'it lies in no folder'],
]);
