import { Writable } from 'node:stream';
import { createHttp, createLog, type RequestEvent } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Decision } from '../../decisions/types.ts';
import {
  type Content,
  checkIds,
  type PlacedEvidence,
  type Posture,
  postureAt,
  programmeDirectory,
  readContent,
  render,
} from '../../index.ts';
import { htmlOf } from '../../policies/markdown.ts';
import { policyPdf } from '../../policies/pdf/pdf.ts';
import { valuesFor } from '../../policies/text.ts';
import type { PolicyVersion } from '../../policies/types.ts';
import { trustPages } from '../../trust/pages.ts';
import type { ReportRequest, TrustDeps } from '../../trust/types.ts';
import { byKey, placedWith } from '../posture/world.ts';

export const at = Date.UTC(2026, 10, 22, 14, 7);

/** Stands in everything that is for officers alone: wherever it is seen, something leaked. */
export const leak = 'LEAK-7f3a';

/** The content that is shipped. */
export const content: Content = await readContent(programmeDirectory, { checks: checkIds });

export type Said = 'met' | 'unmet' | 'unknown' | 'stale' | 'none';

export interface Told {
  /** What each check says; the others are met. */
  readonly checks?: Readonly<Record<string, Said>>;
  /** Policies that are not published. */
  readonly unpublished?: readonly string[];
  /** Addressable specifications without a decision, and those decided against. */
  readonly undecided?: readonly string[];
  readonly refused?: readonly string[];
  readonly waived?: readonly string[];
}

const hour = 3_600_000;

const receipts = new Set(['operations.backup-recent', 'operations.restore-tested', 'operations.training']);

const evidenceOf = (check: string, said: Said): PlacedEvidence[] => {
  if (said === 'none') return [];
  const then = said === 'stale' ? at - 9 * hour : at - 5 * 60_000;
  return [
    placedWith({
      ...{ check, at: then, id: leak, result: said === 'stale' ? 'met' : said, saw: leak, todo: leak, query: leak },
      ...{ exceptions: [leak], examined: 4, how: receipts.has(check) ? 'reported' : 'performed' },
    }),
  ];
};

const decisions = ({ undecided = [], refused = [] }: Told): Decision[] =>
  [...content.controls.values()]
    .filter(({ level, id }) => level === 'addressable' && !undecided.includes(id))
    .map(({ id, decision }) => ({
      ...{ id: leak, control: id, why: leak, factors: leak, by: leak, approved_by: [leak], at: at - 240 * hour },
      kind: refused.includes(id) ? 'not-reasonable' : (decision?.default ?? 'implemented'),
    }));

export const publishedIds = ({ unpublished = [] }: Told = {}): string[] =>
  [...content.policies.keys()].filter((id) => !unpublished.includes(id));

/** A posture of the shipped controls, as the code would compute it. */
export const postureOf = (told: Told = {}): Posture =>
  postureAt({
    ...{ at, controls: content.controls, conditions: [], published: new Set(publishedIds(told)), forged: [leak] },
    checks: byKey(
      [...checkIds].map((id) => ({ id, title: `Title of ${id}`, every_s: 3600 })),
      ({ id }) => id,
    ),
    newest: byKey(
      [...checkIds].flatMap((id) => evidenceOf(id, told.checks?.[id] ?? 'met')),
      ({ evidence }) => evidence.check,
    ),
    decisions: byKey(decisions(told), ({ control }) => control),
    waivers: byKey(
      (told.waived ?? []).map((control) => ({
        ...{ id: leak, control, owner: leak, why: leak, approved_by: [leak], from: at - hour, until: at + hour },
      })),
      ({ control }) => control,
    ),
  });

export function versionOf(id: string, change: Partial<PolicyVersion> = {}): PolicyVersion {
  const text = content.policies.get(id);
  if (text === undefined) throw new Error(`no policy ${id}`);
  const values = [...valuesFor(text.text, content.parameters)];
  return {
    ...{ id: `00000000-0000-4000-8000-${id.padEnd(12, '0').slice(0, 12)}`, tenant: 1, policy: id, number: 2 },
    ...{ title: text.title, state: 'published', content: text, digest: text.digest, drifted: [] },
    parameters: Object.fromEntries(values.map(([name, { value }]) => [name, value])),
    units: Object.fromEntries(values.flatMap(([name, { unit }]) => (unit === undefined ? [] : [[name, unit]]))),
    ...{ source: { kind: 'draft' }, made_by: leak, made_at: at - 300 * hour, approved_by: [leak, leak], task: leak },
    ...{ published_at: at - 200 * hour, review_due_at: at + 8000 * hour },
    ...change,
  };
}

/** One of each state that there is, by faults that happen. */
export const mixed: Told = {
  checks: {
    'identity.idle-logoff': 'unmet',
    'operations.backup-recent': 'unmet',
    'operations.restore-tested': 'none',
    'operations.vulnerability-scan': 'stale',
    'mail.transport': 'unknown',
  },
  unpublished: ['media-disposal'],
  undecided: ['164.310-a-2-i'],
  refused: ['164.308-a-5-ii-A'],
  waived: ['164.308-a-7-ii-A'],
};

export interface World extends Partial<TrustDeps> {
  readonly told?: Told;
  /** More versions than the published ones. */
  readonly more?: readonly PolicyVersion[];
}

/** The one link that there is. */
export const goodLink = `sgq_${'a'.repeat(43)}`;

/** What the pages stand on, and how often they asked for it. */
export function depsOf({ told = mixed, more = [], ...change }: World = {}) {
  const asked = { postures: 0, pdfs: 0, downloads: 0, requests: [] as { wanted: ReportRequest; remote: string }[] };
  const clock = { at, now: () => clock.at };
  const deps: TrustDeps = {
    content: () => content,
    postureAt: async () => {
      asked.postures += 1;
      return postureOf(told);
    },
    policies: {
      list: async () => [...publishedIds(told).map((id) => versionOf(id)), ...more],
      html: htmlOf,
      pdf: (version) => {
        asked.pdfs += 1;
        return policyPdf(version, 'Harbor Health Platform');
      },
    },
    render: (text) => render(text, content.parameters),
    requestReport: async (wanted, remote) => void asked.requests.push({ wanted, remote }),
    downloadReport: async (secret) => {
      if (secret !== goodLink || asked.downloads > 0) throw fault('missing', 'There is no such report.');
      asked.downloads += 1;
      const report = { id: '7d6f3a52-0d8b-4a7b-9c37-1c7f7dcd2f10', media: 'application/zip' } as const;
      return { report, bytes: Buffer.from('PK'), filename: 'safeguard-bundle-2026-11-22.zip' };
    },
    clock,
    settings: { trust: 'on', unmet: 'named' },
    brand: () => ({ name: 'Harbor Health Platform' }),
    ...change,
  };
  return { deps, asked, clock };
}

const settings = {
  ...{ host: 'localhost', port: 0 },
  limits: { body_bytes: 65_536, header_bytes: 16_384, url_bytes: 2_048, connections: 200, inflight_bytes: 10_000_000 },
  deadlines: {
    ...{ request_ms: 10_000, ledger_ms: 1_000, headers_ms: 5_000, idle_ms: 2_000, keep_alive_ms: 5_000, stop_ms: 500 },
  },
};

const silent = new Writable({ write: (_chunk, _encoding, done) => done() });

/** The pages over a real server; `assets` is that of the product. */
export async function openTrust(world: World = {}) {
  const { assetRoute } = await import('@safeguard/http');
  const { deps, asked, clock } = depsOf(world);
  const events: RequestEvent[] = [];
  const http = createHttp({
    routes: [...trustPages(deps), assetRoute()],
    ports: {
      authenticate: () => {
        throw fault('unauthenticated', 'A bearer token is required');
      },
      record: async (event) => void events.push(event),
    },
    settings,
    tls: 'off',
    log: createLog({ level: 'error', destination: silent }),
    health: { ready: async () => undefined },
  });
  const { url } = await http.listen();
  const get = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(url + path, { redirect: 'manual', ...init });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const post = (
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = { Origin: url },
  ) => get('/trust/reports', { method: 'POST', headers, body: new URLSearchParams(fields) });
  return { url, get, post, asked, events, clock, close: () => http.close() };
}
