import { hash } from 'node:crypto';
import type { Gathered } from './evidence.ts';
import { fields, json, list, moment, number, text, texts } from './json.ts';
import { fileOf, type Manifest } from './manifest.ts';
import { controlOf, decidedAt, type Known, type State, statesOf } from './posture.ts';
import { fail } from './wrong.ts';

type Files = ReadonlyMap<string, Buffer>;

const read = (files: Files, name: string): unknown => json(name, fileOf(files, name).toString('utf8'));

/** Ids of the policies of which a version was in force; the text of each version is the one that was approved. */
function publishedIn(files: Files, at: number): ReadonlySet<string> {
  const name = 'policies.json';
  const published = new Set<string>();
  for (const one of list(name, read(files, name)).map((each) => fields(name, each))) {
    const file = text(name, one['file']);
    if (hash('sha256', fileOf(files, file), 'hex') !== text(name, one['digest']))
      fail(file, 'is not the approved text');
    if (moment(name, one['published_at']) <= at) published.add(text(name, one['policy']));
  }
  return published;
}

function knownOf(files: Files, at: number, conditions: readonly string[], { newest }: Gathered): Known {
  const checks = list('checks.json', read(files, 'checks.json')).map((one) => fields('checks.json', one));
  return {
    at,
    conditions: new Set(conditions),
    every_s: new Map(
      checks.map((one) => [text('checks.json', one['id']), number('checks.json', one['every_s'])] as const),
    ),
    newest,
    decided: decidedAt('decisions.json', read(files, 'decisions.json'), at),
    published: publishedIn(files, at),
  };
}

/** Computes the state of every control anew; each is what the bundle says. Answers how many are in which. */
export function checkPosture(files: Files, { until }: Manifest, gathered: Gathered): Readonly<Record<string, number>> {
  const name = 'posture.json';
  const said = fields(name, read(files, name));
  const at = moment(name, said['at']);
  if (at >= until) fail(name, 'speaks of a time after the period');
  const content = fields('controls.json', read(files, 'controls.json'));
  const organization = fields('controls.json', content['organization']);
  const controls = list('controls.json', content['controls']).map((one) => controlOf('controls.json', one));
  const states = statesOf(controls, knownOf(files, at, texts('controls.json', organization['conditions']), gathered));
  const named = list(name, said['controls']).map((one) => fields(name, one));
  if (named.length !== states.size) fail(name, 'does not speak of every control');
  const counts: Partial<Record<State, number>> = {};
  for (const one of named) {
    const id = text(name, one['id']);
    const state = states.get(id);
    if (state === undefined || state !== one['state']) {
      fail(name, `control ${id} is said to be ${String(one['state'])}; the evidence says ${state ?? 'nothing'}`);
    }
    states.delete(id);
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}
