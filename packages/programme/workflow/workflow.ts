import { fault } from '@safeguard/kernel';
import { approve, assign, giveBack, note, reject, submit, withdraw } from './acts.ts';
import { calendarOf } from './calendar.ts';
import { everyone, serviceId, type WorkflowDeps } from './deps.ts';
import { listTasks } from './list.ts';
import { open } from './open.ts';
import { remindAll } from './remind.ts';
import { asTasks, taskRow } from './rows.ts';
import type { EngineDeps, Kind } from './take.ts';
import type { Definition, Effect, Workflow } from './types.ts';

/** Fault `internal`: what nobody could approve, or anybody could, is no kind of task. */
function checkDefinition({ approve: roles, quorum, due_days }: Definition): void {
  const sound = roles.length > 0 && !roles.includes(everyone) && !roles.includes(serviceId);
  if (sound && Number.isInteger(quorum) && quorum >= 1 && due_days > 0) return;
  throw fault('internal', 'A kind of task names who approves it, how many, and when it is due.');
}

/** The one engine: tasks of any kind that is defined, approved by others than those who worked on them. */
export function createWorkflow(deps: WorkflowDeps): Workflow {
  const kinds = new Map<string, Kind>();
  const definitions = new Map<string, Definition>();
  const engine: EngineDeps = {
    ...deps,
    kinds,
    // The address is known once the server listens.
    get base() {
      return deps.base;
    },
  };
  return {
    define(given: Definition | (() => Definition), effect: Effect) {
      const made = typeof given === 'function' ? given : () => given;
      const definition = made();
      checkDefinition(definition);
      if (kinds.has(definition.kind)) throw fault('internal', 'A kind of task is defined once.');
      kinds.set(definition.kind, {
        get definition() {
          return made();
        },
        effect,
      });
      definitions.set(definition.kind, definition);
    },
    definitions,
    open: (actor, wanted) => open(engine, actor, wanted),
    assign: (actor, id, to, version) => assign(engine, { actor, id, version }, to),
    note: (actor, id, text, version) => note(engine, { actor, id, note: text, version }),
    submit: (actor, id, text, version) => submit(engine, { actor, id, note: text, version }),
    approve: (actor, id, text, version) => approve(engine, { actor, id, note: text, version }),
    return: (actor, id, text, version) => giveBack(engine, { actor, id, note: text, version }),
    reject: (actor, id, text, version) => reject(engine, { actor, id, note: text, version }),
    withdraw: (actor, id, text, version) => withdraw(engine, { actor, id, note: text, version }),
    async byId(tenant, id) {
      const row = await taskRow(engine, tenant, id);
      return row === undefined ? undefined : (await asTasks(engine, tenant, [row]))[0];
    },
    list: (tenant, wanted) => listTasks(engine, tenant, wanted),
    remind: () => remindAll(engine),
    calendar: (tenant, account) => calendarOf(engine, tenant, account),
  };
}
