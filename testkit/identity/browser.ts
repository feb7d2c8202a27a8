/** As much of a browser as a sign-in needs: cookies by host, redirects, and forms that are filled in. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** Follows redirects up to one that leads to `stopAt`. */
  async open(url: string, stopAt = '\u0000', init: RequestInit = {}): Promise<Visited> {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { cookie: this.#cookiesFor(url), accept: 'text/html', ...init.headers },
    });
    this.#keep(url, response);
    const location = response.headers.get('location');
    if (location === null)
      return { url, status: response.status, text: await response.text(), headers: response.headers };
    const next = new URL(location, url).href;
    if (next.startsWith(stopAt)) return { url: next, status: response.status, text: '', headers: response.headers };
    return this.open(next, stopAt);
  }

  /** Sends the one form of a page. */
  async submit({ url, text }: Visited, values: Readonly<Record<string, string>>, stopAt?: string): Promise<Visited> {
    const form = /<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/.exec(text);
    if (form === null) throw new Error(`there is no form on ${url}: ${text.slice(0, 300)}`);
    const hidden = [...(form[2] ?? '').matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
      /name="([^"]*)"/.exec(input)?.[1] ?? '',
      /value="([^"]*)"/.exec(input)?.[1] ?? '',
    ]);
    const target = new URL((form[1] ?? '').replaceAll('&amp;', '&'), url);
    return this.open(target.href, stopAt, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: target.origin },
      body: new URLSearchParams({ ...Object.fromEntries(hidden), ...values }).toString(),
    });
  }

  #cookiesFor(url: string): string {
    const jar = this.#cookies.get(new URL(url).host) ?? new Map();
    return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep(url: string, response: Response): void {
    const jar = this.#cookies.get(new URL(url).host) ?? new Map<string, string>();
    this.#cookies.set(new URL(url).host, jar);
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
  }
}

export interface Visited {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}
