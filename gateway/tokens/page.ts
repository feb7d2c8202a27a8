import { hash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:12vh auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{font-size:1.4rem}dl{display:grid;grid-template-columns:auto 1fr;gap:.3rem 1rem}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
input[type=text]{font:inherit;width:100%;padding:.4rem;box-sizing:border-box}button{font:inherit;padding:.5rem 1.2rem;margin:1rem .5rem 0 0}
code{background:#f0f0f0;padding:.1rem .3rem}.note{color:#555}@media(prefers-color-scheme:dark){body{color:#eee;background:#151515}dt,.note{color:#aaa}code{background:#333}}`;
const styleHash = hash('sha256', style, 'base64');

export interface Page {
  readonly title: string;
  /** Escaped HTML. */
  readonly body: string;
  /** Where a form on it may lead in the end, besides here. */
  readonly leadsTo?: string;
  readonly status?: number;
  readonly cookie?: string;
}

/** No script, nothing from elsewhere, in no frame. */
export function sendPage(res: ServerResponse, { title, body, leadsTo, status = 200, cookie }: Page): void {
  const text = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${style}</style><main><h1>${escaped(title)}</h1>${body}</main></html>`;
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    `form-action 'self'${leadsTo === undefined ? '' : ` ${sourceOf(leadsTo)}`}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
  res.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'content-security-policy': policy,
    'cache-control': 'no-store',
    // Not `no-referrer`: with it browsers send `Origin: null` with the form, and that page may not call us.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(cookie === undefined ? {} : { 'set-cookie': cookie }),
  });
  res.end(text);
}

/** CSP §2.3.1: a host for addresses of the web, the scheme alone for those of an application. */
function sourceOf(address: string): string {
  const { protocol, origin } = new URL(address);
  return protocol === 'http:' || protocol === 'https:' ? origin : protocol;
}

export function sendRedirect(res: ServerResponse, location: string, cookie?: string): void {
  res.writeHead(303, {
    ...{ location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'content-length': 0 },
    ...(cookie === undefined ? {} : { 'set-cookie': cookie }),
  });
  res.end();
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
