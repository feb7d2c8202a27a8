import { spawn } from 'node:child_process';

/** What the system opens addresses with; where there is nothing the printed address is still there. */
export function openBrowser(url: string): void {
  const [command = '', ...args] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[
    process.platform as string
  ] ?? ['xdg-open'];
  spawn(command, [...args, url], { detached: true, stdio: 'ignore' })
    .on('error', () => {})
    .unref();
}
