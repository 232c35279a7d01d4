import { fork } from 'node:child_process';
import { join } from 'node:path';
import { keepWatch } from '../instance/leftovers.ts';
import type { Said } from './main.ts';
import type { Plan, Report } from './plan.ts';

const program = join(import.meta.dirname, 'main.ts');

/** Runs a plan in a process of its own, so that the generator shares no event loop with what it measures. */
export function generate(plan: Plan): Promise<Report> {
  const child = fork(program, { serialization: 'advanced' });
  keepWatch(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('message', (message) => {
      const said = message as Said;
      if ('report' in said) resolve(said.report);
      else reject(new Error(`the load generator failed: ${said.failure}`));
    });
    child.once('exit', (code, signal) => reject(new Error(`the load generator ended early (${signal ?? code})`)));
    child.send(plan, (error) => {
      if (error !== null) reject(error);
    });
  });
}
