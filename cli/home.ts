import { homeDir } from '@sallyport/gateway/app/host/home-dir.ts';
import { CliError } from './exit.ts';

/** Where a user's own files lie: clients' configurations, units of systemd. */
export function homeOf(env: NodeJS.ProcessEnv): string {
  const home = env.HOME || homeDir();
  if (home) return home;
  throw new CliError('no-home', 'this user has no home folder, where such files lie', 'Set HOME to one.');
}
