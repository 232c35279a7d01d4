import { linkedNine } from '@safeguard/synthetic';
import { idOf } from './location.ts';
import type { Ask } from './plan.ts';
import type { Turn } from './turns.ts';

type Kept = { readonly type: string; readonly resource: Record<string, unknown> };

/**
 * The scenario of HealthSamurai's k6/crud.js: nine linked resources are created, read, updated and deleted, one request
 * after the other, without end. Every operation counts as one.
 */
export function* crud(base: string, connection: number): Turn {
  const nine = linkedNine(connection);
  for (let round = 0; ; round += 1) {
    const ids: Record<string, string> = {};
    const kept: Kept[] = [];
    for (const { type, make } of nine) {
      const resource = make(ids);
      const answer = yield ask('POST', `${base}/${type}`, 201, resource);
      ids[type] = idOf(answer.head);
      kept.push({ type, resource: { ...resource, id: ids[type] } });
    }
    for (const { type } of nine) yield ask('GET', `${base}/${type}/${ids[type]}`, 200);
    for (const [at, { type, resource }] of kept.entries()) {
      const changed = nine[at]?.change(resource as never, round);
      yield ask('PUT', `${base}/${type}/${ids[type]}`, 200, changed);
    }
    for (const { type } of kept.toReversed()) yield ask('DELETE', `${base}/${type}/${ids[type]}`, 204);
  }
}

function ask(method: Ask['method'], path: string, expected: number, body?: object): Ask {
  const asked = { method, path, expected, units: 1 };
  return body === undefined ? asked : { ...asked, body: JSON.stringify(body) };
}
