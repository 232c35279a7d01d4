import type { NoticeKind } from '@safeguard/access';
import { fault, isFault, newId } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import { isActorId } from './deps.ts';
import { approversOf, checkAssignee, checkRole, eligible, neededOf } from './may.ts';
import { keyOf, notePurpose, sealText, subjectPurpose } from './notes.ts';
import { type NewStep, writeStep, writeTask } from './rows.ts';
import { type EngineDeps, kindOf, known } from './take.ts';
import type { Actor, Task } from './types.ts';
import { checkNote, checkTitle, subjectText } from './words.ts';

const day_ms = 86_400_000;

export interface Opening {
  readonly kind: string;
  readonly title: string;
  readonly subject: unknown;
  readonly note?: string;
  readonly assignee?: string;
}

interface Opened {
  readonly id: string;
  readonly at: number;
  readonly needed: number;
  readonly who: ReadonlySet<string>;
}

/** Opened; and given to somebody, or submitted at once where the kind skips that. */
function stepsOf(actor: Actor, wanted: Opening, immediate: boolean, needed: number): readonly NewStep[] {
  const opened = { act: 'opened', by: actor.id, needed } as const;
  if (immediate) return [opened, { act: 'submitted', by: actor.id, needed }];
  const { assignee } = wanted;
  return assignee === undefined ? [opened] : [opened, { act: 'assigned', by: actor.id, whom: assignee }];
}

function toldOf(wanted: Opening, immediate: boolean, { who }: Opened): { kind: NoticeKind; to: readonly string[] } {
  if (immediate) return { kind: 'task-to-approve', to: [...who] };
  return { kind: 'task-assigned', to: wanted.assignee === undefined ? [] : [wanted.assignee] };
}

const one = (error: unknown): never => {
  if (isFault(error) && error.kind === 'conflict') {
    throw fault('conflict', 'A task of this kind is open for it already.', { cause: error });
  }
  throw error;
};

async function checked(deps: EngineDeps, actor: Actor, wanted: Opening) {
  const { definition } = kindOf(deps, wanted.kind);
  if (!isActorId(actor.id)) throw fault('forbidden', 'Access denied: not somebody who opens tasks.');
  checkRole(actor, definition.open);
  checkTitle(wanted.title);
  checkNote(wanted.note);
  const subject = definition.subject(wanted.subject);
  await definition.check?.(actor.tenant, subject);
  if (wanted.assignee !== undefined) {
    if (definition.immediate) throw fault('invalid', 'assignee: expected none, for it waits for approval at once');
    await checkAssignee(deps, actor.tenant, definition, wanted.assignee);
  }
  return { definition, subject, text: subjectText({ title: wanted.title, subject }) };
}

const sealedNote = (vault: Vault, key: Awaited<ReturnType<typeof keyOf>>, id: string, note: string | undefined) =>
  note === undefined ? undefined : sealText(vault, key, id, 1, notePurpose, note);

/** Opens a task. Fault `invalid`, `forbidden`, `conflict` where one is open for the same thing. */
export async function open(deps: EngineDeps, actor: Actor, wanted: Opening): Promise<Task> {
  const { tenant } = actor;
  const { definition, subject, text } = await checked(deps, actor, wanted);
  const [id, at, apart] = [newId(), deps.clock.now(), definition.apart?.(subject) ?? []];
  const who = await eligible(deps, tenant, approversOf(definition, subject), [...apart, actor.id]);
  const needed = neededOf(definition, who);
  const vault = await deps.vault(tenant);
  const body = sealText(vault, await keyOf(vault, undefined), id, 0, subjectPurpose, text);
  const note = sealedNote(vault, await keyOf(vault, actor.id), id, wanted.note);
  const due_at = new Date(at + definition.due_days * day_ms);
  const what = { id, tenant, kind: wanted.kind, about: definition.about?.(subject) ?? null };
  const row = {
    ...what,
    opened_by: actor.id,
    opened_at: new Date(at),
    due_at,
    apart: apart.filter(isActorId),
    ...body,
  };
  const steps = stepsOf(actor, wanted, definition.immediate, needed);
  const told = toldOf(wanted, definition.immediate, { id, at, needed, who });
  await deps.segment
    .transaction(tenant, async (connection) => {
      await writeTask(connection, row);
      for (const [index, step] of steps.entries()) {
        await writeStep(connection, row, index + 1, at, index === 0 ? { ...step, note } : step);
      }
      await deps.tell.tell(connection, { tenant, ...told, about: id, at, again: `step ${steps.length}` });
    })
    .catch(one);
  return known(deps, tenant, id);
}
