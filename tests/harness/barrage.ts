import assert from 'node:assert/strict';
import type { RequestEvent } from '@safeguard/http';
import { openInside } from './inside.ts';
import type { Answer, Asked, Instance } from './instance.ts';

export interface Barrage {
  /** Sends; never a 5xx, never longer than the deadline. */
  send(what: string, asked: Asked): Promise<Answer>;
  /** Many at once, in the order given. */
  all(asks: readonly (readonly [string, Asked])[]): Promise<Answer[]>;
  /** Every request that was answered by the application has exactly one entry, whose status it is. */
  recorded(tenants: readonly number[]): Promise<number>;
}

const deadline_ms = 5_000;
const concurrency = 16;

export function createBarrage(safeguard: Instance, token: string): Barrage {
  const answered = new Map<string, { what: string; status: number }>();
  const send = async (what: string, asked: Asked): Promise<Answer> => {
    const began = performance.now();
    const silence = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => silence.reject(new Error(`${what}: no answer within ${deadline_ms} ms`)),
      deadline_ms,
    );
    try {
      const answer = await Promise.race([safeguard.request({ token, ...asked }), silence.promise]);
      const took = `${what}: ${answer.status} after ${Math.round(performance.now() - began)} ms`;
      assert.ok(answer.status < 500, `${took} ${answer.text.slice(0, 300)}`);
      if (answer.status >= 400) assert.ok(answer.json !== undefined || asked.method === 'HEAD', `${took}: said why`);
      const id = answer.headers['x-request-id'];
      if (typeof id === 'string') answered.set(id, { what, status: answer.status });
      return answer;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    send,
    all: async (asks) => {
      const answers = new Array<Answer>(asks.length);
      const waiting = [...asks.entries()];
      const worker = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const [index, [what, asked]] = next;
          answers[index] = await send(what, asked);
        }
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
      return answers;
    },
    recorded: async (tenants) => {
      const inside = await openInside(safeguard.data);
      try {
        const found = new Map<string, number[]>();
        for (const tenant of tenants) {
          // A long entry stands in parts: it is one all the same.
          const events = (await inside.events(tenant)) as (RequestEvent & { part?: number })[];
          for (const { id, status, part = 1 } of events) {
            if (part === 1) found.set(id, [...(found.get(id) ?? []), status]);
          }
        }
        for (const [id, { what, status }] of answered) assert.deepEqual(found.get(id), [status], `${what}: ${id}`);
        return answered.size;
      } finally {
        await inside.close();
      }
    },
  };
}
