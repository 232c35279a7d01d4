import { type Check, type Probe, resultOf } from '@safeguard/kernel';
import type { HttpCheckDeps } from './checks.ts';
import { sayRaw, statusOfRaw } from './wire.ts';

type Asked = Parameters<Probe['ask']>[0] & { readonly name: string };

const json = { 'content-type': 'application/fhir+json' };

/** Requests that are wrong in different ways, each with the word that must not come back. */
const wrongRequests = (word: string): readonly Asked[] => [
  {
    name: 'broken JSON',
    method: 'POST',
    path: '/fhir/R4/Patient',
    headers: json,
    body: `{"name":"${word}`,
    as: 'first',
  },
  {
    ...{ name: 'a wrong element', method: 'POST', path: '/fhir/R4/Patient', headers: json, as: 'first' },
    body: JSON.stringify({ resourceType: 'Patient', birthDate: word, gender: word }),
  },
  { name: 'a wrong id', path: `/fhir/R4/Patient/${word}`, as: 'first' },
  { name: 'a wrong date', path: `/fhir/R4/Observation?date=${word}`, as: 'first' },
  { name: 'a quote in a search', path: `/fhir/R4/Patient?_lastUpdated=${word}'%22;--`, as: 'first' },
  { name: 'a wrong path', path: `/fhir/R4/${word}`, as: 'first' },
  { name: 'a wrong path of the API', path: `/api/v1/${word}` },
  { name: 'a wrong page', path: `/${word}` },
  {
    ...{ name: 'a wrong type of content', method: 'POST', path: '/fhir/R4/Patient', body: word, as: 'first' },
    headers: { 'content-type': `text/${word}` },
  },
];

/** Bytes that never become a request. */
const brokenBytes = (word: string): readonly (readonly [name: string, bytes: string])[] => [
  ['bytes that are no HTTP', `${word}\r\n\r\n`],
  ['a broken escape', `GET /fhir/R4/Patient/%zz${word} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`],
  ['a broken header', `GET / HTTP/1.1\r\nHost: localhost\r\n${word} x: y\r\n\r\n`],
];

/** What tells of the inside: a place in the code, a file, the database, the runtime. */
const insides: readonly (readonly [what: string, form: RegExp])[] = [
  ['a place in the code', /\bat .+[./]\w+:\d+:\d+|\.(?:ts|js):\d+/],
  ['a file of the server', /file:\/\/|node_modules|\/(?:packages|home|usr|var|work|root|etc)\/\w/],
  ['the database', /SQLSTATE|relation "|column "|syntax error at|violates [\w -]*constraint|pg_catalog|PostgreSQL/i],
  ['the runtime', /\b(?:Type|Reference|Range|Syntax)Error\b|Unexpected token|ECONN[A-Z]+/],
];

function faultsOf(name: string, status: number, text: string, word: string): string[] {
  const told = insides.filter(([, form]) => form.test(text)).map(([what]) => `${name}: the answer tells of ${what}`);
  const echoed = text.toLowerCase().includes(word.toLowerCase()) ? [`${name}: the answer repeats what was sent`] : [];
  const odd = status >= 400 && status < 500 ? [] : [`${name}: answered with ${status}, a refusal was due`];
  return [...odd, ...told, ...echoed];
}

/** 45 CFR 164.312(a)(1), 164.502(b): an error tells who caused it what to change, and nobody anything else. */
export const errorsSilent = ({ probe }: HttpCheckDeps): Check => ({
  id: 'http.errors-silent',
  title: 'Errors tell nothing of the inside',
  query:
    'Malformed requests of a dozen kinds with a word in them that nobody else knows: each is refused (4xx) without ' +
    'that word, a place in the code, a file, a statement of the database or a text of the runtime.',
  every_s: 3_600,
  async run() {
    const word = probe.canary().replace(/[^A-Za-z0-9-]/g, '');
    const [asked, bytes] = [wrongRequests(word), brokenBytes(word)];
    const wrong: string[] = [];
    for (const { name, ...request } of asked) {
      const { status, text, headers } = await probe.ask(request);
      wrong.push(...faultsOf(name, status, `${Object.values(headers).join('\n')}\n${text}`, word));
    }
    for (const [name, sent] of bytes) {
      const heard = await sayRaw(probe, sent);
      // An end without an answer says nothing, which is as good as a refusal.
      if (heard !== '') wrong.push(...faultsOf(name, statusOfRaw(heard), heard, word));
    }
    const examined = asked.length + bytes.length;
    return resultOf({
      examined,
      wrong,
      met: `${examined} malformed requests were refused without a word of the inside or of what was sent.`,
      unmet: 'An error tells more than it must: of the inside of the server, or it repeats what was sent.',
      todo: 'Correct the text of the named answer: fixed words only; the cause belongs into the log.',
    });
  },
});
