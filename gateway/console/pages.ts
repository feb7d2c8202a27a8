import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** One file of the built console. */
interface Page {
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
  readonly type: string;
}

/** What a request for a page of the console tells. */
export interface PageExchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Pick<ReadonlyMap<string, string>, 'get' | 'has'>;
  readonly res: ServerResponse;
}

/** The first words of every permalink: each is the one page, which reads the rest of the path itself. */
export const screens = ['now', 'approvals', 'tasks', 'why', 'agents', 'policy', 'settings'] as const;

/**
 * Serves the built console: one page at `/` and at every permalink, and the files it names. Paths are looked up in a
 * list that was made from the folder, never joined to it. The page may load nothing that is not ours, run nothing
 * that stands inline, and stand in nobody's frame; they set no cookies.
 */
export function createPages(dir: string | undefined): (exchange: PageExchange) => void {
  let built: { readonly at: number; readonly files: ReadonlyMap<string, Page> } | undefined;

  function files(): ReadonlyMap<string, Page> {
    const at = dir === undefined ? undefined : statSync(join(dir, 'index.html'), { throwIfNoEntry: false })?.mtimeMs;
    if (dir === undefined || at === undefined) return new Map();
    if (built?.at !== at) built = { at, files: readFiles(dir) };
    return built.files;
  }

  return ({ method, path, headers, res }) => {
    if (method !== 'GET' && method !== 'HEAD') return send(res, 405, plain('only GET and HEAD are offered here'), {});
    const found = files();
    const isFile = path.startsWith('/assets/');
    const page = found.get(isFile ? path.slice(1) : 'index.html');
    if (page === undefined) return send(res, isFile ? 404 : 503, plain(isFile ? 'there is no such file' : absent), {});
    const zipped = /\bgzip\b/.test(headers.get('accept-encoding') ?? '');
    send(
      res,
      200,
      { ...page, bytes: zipped ? page.gzipped : page.bytes },
      {
        // Names of assets hold a hash of what is in them.
        'cache-control': isFile ? 'public, max-age=31536000, immutable' : 'no-store',
        vary: 'accept-encoding',
        ...(zipped ? { 'content-encoding': 'gzip' } : {}),
      },
    );
  };
}

const absent = `The console is not built. Run \`npm run build -w console\` in the checkout, or start the gateway with
\`sallyport up\`, which builds it. Everything can be done from the command line meanwhile: sallyport --help
`;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};

function readFiles(dir: string): Map<string, Page> {
  const names = ['index.html', ...readdirSync(join(dir, 'assets')).map(name => `assets/${name}`)];
  return new Map(
    names.flatMap(name => {
      const type = types[extname(name)];
      if (type === undefined) return [];
      const bytes = readFileSync(join(dir, name));
      return [[name, { bytes, gzipped: gzipSync(bytes, { level: 9 }), type }] as const];
    }),
  );
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const headersOfAll = {
  'content-security-policy': policy,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

function send(
  res: ServerResponse,
  status: number,
  page: Pick<Page, 'bytes' | 'type'>,
  headers: Readonly<Record<string, string>>,
): void {
  const length = { 'content-type': page.type, 'content-length': page.bytes.length };
  res.writeHead(status, { ...headersOfAll, 'cache-control': 'no-store', ...headers, ...length });
  res.end(res.req.method === 'HEAD' ? undefined : page.bytes);
}

function plain(text: string): Pick<Page, 'bytes' | 'type'> {
  return { bytes: Buffer.from(text), type: 'text/plain; charset=utf-8' };
}
