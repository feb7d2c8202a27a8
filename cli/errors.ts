import { CliError } from './exit.ts';

/** Errors that other rooms throw for people to read: their message says what is wrong and what to do. */
const readable: ReadonlySet<string> = new Set([
  'ConfigError',
  'StateDirError',
  'PrivateFileError',
  'TokenStoreError',
  'PolicyDirError',
  'StartError',
  'JournalFault',
  'ListenError',
  'ReplayFault',
  'TlsFilesError',
]);

/** What was thrown, as an error of the command line; anything that was not meant for people is a defect of ours. */
export function asCliError(thrown: unknown): CliError {
  if (thrown instanceof CliError) return thrown;
  if (!(thrown instanceof Error)) return defect(String(thrown));
  if (readable.has(thrown.name)) return new CliError('configuration', thrown.message);
  const { code, address, port, path, syscall } = thrown as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE')
    return new CliError(
      'port-taken',
      `another program listens on ${address ?? ''}:${port ?? ''} already`,
      'If it is another Sallyport, `sallyport down --state DIR` stops it. Otherwise stop that program, or choose another port with `listen:` in the configuration.',
    );
  if (code === 'ENOENT' && path !== undefined)
    return new CliError('not-found', `${path} does not exist`, 'Check the path that was given.');
  if (code === 'EACCES' && path !== undefined)
    return new CliError('not-allowed', `${path} may not be used by this user`, 'Check who owns it.');
  const stands = code === 'EEXIST' && syscall !== 'mkdir' ? undefined : misplaced.get(code ?? '');
  if (stands !== undefined && path !== undefined)
    return new CliError('configuration', `${path}: ${stands}`, checkPlace);
  const lacks = machine.get(code ?? '');
  if (lacks !== undefined)
    return new CliError('machine', path === undefined ? lacks : `${path}: ${lacks}`, checkMachine);
  const { errstr } = thrown as { errstr?: unknown };
  if (code === 'ERR_SQLITE_ERROR' && typeof errstr === 'string')
    return new CliError('machine', `a database in the state directory could not be used: ${errstr}`, checkMachine);
  return defect(thrown.stack ?? thrown.message);
}

const misplaced: ReadonlyMap<string, string> = new Map([
  ['EISDIR', 'a folder stands in the place of a file'],
  ['ERR_FS_EISDIR', 'a folder stands in the place of a file'],
  ['ENOTDIR', 'a file stands in the place of a folder'],
  // Where a folder was to be made.
  ['EEXIST', 'a file stands in the place of a folder'],
]);
const checkPlace =
  'Check the path; where it lies in the state directory, move it away, and put back from a copy what was there.';

/** What a machine may be out of (errno(3)): no defect of ours, and nothing that the command can mend. */
const machine: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'its disk is full'],
  ['EDQUOT', 'what this user may store there is used up'],
  ['EROFS', 'its file system is read-only'],
  ['EIO', 'its disk does not work'],
  ['EMFILE', 'this process may open no more files'],
  ['ENFILE', 'this machine opens no more files'],
  ['ENOMEM', 'this machine has no memory left'],
  // No further process, above all: there is a limit on those of one user.
  ['EAGAIN', 'this machine gives it no more just now'],
]);
const checkMachine = 'Check the machine, then give the command again: what was recorded is kept.';

function defect(text: string): CliError {
  return new CliError('fault', text, 'This is a defect of Sallyport; please report it with the lines above.');
}
