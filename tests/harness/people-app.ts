import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { Instance } from './instance.ts';
import { cliJson } from './people.ts';

const library = join(fileURLToPath(import.meta.url), '../../../node_modules/fhirclient/build/fhir-client.js');

const html = (title: string, script: string): string => `<!doctype html><html lang="en"><meta charset="utf-8">
<title>${title}</title><h1>${title}</h1><pre id="told"></pre>
<script src="/fhir-client.js"></script><script>${script}</script></html>`;

/** `?…` of the launch page become parameters of `authorize`, so that one page serves every launch. */
const launchScript = `
const asked = Object.fromEntries(new URL(location.href).searchParams);
const settings = { clientId: asked.client, scope: asked.scope, redirectUri: '/app.html', pkceMode: 'required' };
if (asked.fhir !== undefined) settings.iss = asked.fhir;
FHIR.oauth2.authorize(settings).catch((error) => { document.querySelector('#told').textContent = error.message; });`;

const appScript = `
FHIR.oauth2.ready().then((client) => {
  globalThis.client = client;
  document.querySelector('#told').textContent = 'ready ' + client.patient.id;
}).catch((error) => { document.querySelector('#told').textContent = 'failed ' + error.message; });`;

export interface AppServer {
  readonly origin: string;
  readonly redirect_uri: string;
  readonly launch_uri: string;
  close(): Promise<void>;
}

/** A SMART app in a browser, as its maker would host it: static pages, another origin than ours. */
export async function openApp(): Promise<AppServer> {
  const bundle = await readFile(library);
  const pages: Readonly<Record<string, string | Buffer>> = {
    '/launch.html': html('Launching', launchScript),
    '/app.html': html('Growth chart', appScript),
    '/fhir-client.js': bundle,
    '/empty.html': html('Nothing', ''),
  };
  const server = createServer(({ url = '/' }, response) => {
    const path = url.split('?', 1)[0] ?? '/';
    const page = pages[path];
    response.setHeader('content-type', path.endsWith('.js') ? 'text/javascript' : 'text/html');
    response.writeHead(page === undefined ? 404 : 200).end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    redirect_uri: `${origin}/app.html`,
    launch_uri: `${origin}/launch.html`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** The app as an operator registers it: public, with the scopes that it may have at most. */
export async function registerApp(instance: Instance, app: AppServer, scopes: string, ...more: string[]) {
  const { client_id } = await cliJson<{ client_id: string }>(
    instance,
    ...['client', 'create', 'Growth chart', '--public', '--scopes', scopes],
    ...['--redirect-uri', app.redirect_uri, '--launch-uri', app.launch_uri, ...more],
  );
  return client_id;
}

/** Where a person opens the app by itself. */
export const standalone = (instance: Instance, app: AppServer, client_id: string, scope: string): string =>
  `${app.launch_uri}?${new URLSearchParams({ client: client_id, scope, fhir: instance.fhir })}`;

/** Waits until the person is back in the app; answers what it shows. */
export async function backInApp(page: Page): Promise<string> {
  await page.waitForURL(/\/app\.html/);
  await page.locator('#told').filter({ hasText: /./ }).waitFor();
  return (await page.locator('#told').textContent()) ?? '';
}

export interface Heard {
  /** 0: the browser did not let the app read an answer. */
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: FHIR of every shape
  readonly body: any;
}

/** What the app's own library gets, in the page: a resource, or the status of the refusal. */
export const appAsks = (page: Page, path: string): Promise<Heard> =>
  page.evaluate(async (asked) => {
    const { client } = globalThis as unknown as { client: { request(path: string): Promise<unknown> } };
    try {
      return { status: 200, body: await client.request(asked) };
    } catch (error) {
      return { status: (error as { status?: number }).status ?? 0, body: String(error) };
    }
  }, path);

/** A request of the page itself, with the token that the library holds. */
export const appSends = (page: Page, asked: { url: string; method: string; body?: object; with_cookies?: boolean }) =>
  page.evaluate(async ({ url, method, body, with_cookies }): Promise<Heard> => {
    const { client } = globalThis as unknown as { client: { getAuthorizationHeader(): string | null } };
    try {
      const answer = await fetch(url, {
        method,
        credentials: with_cookies === true ? 'include' : 'omit',
        headers: {
          authorization: client.getAuthorizationHeader() ?? '',
          ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
    } catch (error) {
      return { status: 0, body: String(error) };
    }
  }, asked);

/** The token response as the library keeps it. */
export const tokenResponse = (page: Page): Promise<Record<string, unknown>> =>
  page.evaluate(() => {
    const { client } = globalThis as unknown as { client: { state: { tokenResponse: Record<string, unknown> } } };
    return client.state.tokenResponse;
  });

/** The library's own refresh. */
export const appRefreshes = (page: Page): Promise<Heard> =>
  page.evaluate(async (): Promise<Heard> => {
    const { client } = globalThis as unknown as { client: { refresh(): Promise<{ tokenResponse: object }> } };
    try {
      return { status: 200, body: (await client.refresh()).tokenResponse };
    } catch (error) {
      return { status: (error as { status?: number }).status ?? 0, body: String(error) };
    }
  });
