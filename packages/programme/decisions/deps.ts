import type { PeoplePort } from '@safeguard/access';
import { type Clock, fault } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { z } from 'zod';
import type { Content } from '../content/types.ts';
import type { StateName } from '../posture/types.ts';
import { type InForce, numberOf, officers } from '../workflow/deps.ts';
import type { Definition, Workflow } from '../workflow/types.ts';

export interface DecisionsDeps {
  /** The identity segment. */
  readonly segment: Segment;
  /** A tenant's vault in the identity segment. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly people: Pick<PeoplePort, 'byId'>;
  readonly workflow: Workflow;
  readonly content: () => Content;
  /** The parameters in force (approved changes among them); default: those of the content. */
  readonly parameters?: () => InForce;
  /** The state of a control of the house now, from its evidence. */
  readonly stateOf: (control: string) => Promise<StateName>;
  /** Number of the house's tenant; default 1. */
  readonly house?: number;
}

export const houseOf = ({ house }: Pick<DecisionsDeps, 'house'>): number => house ?? 1;

export const inForce = ({ parameters, content }: Pick<DecisionsDeps, 'parameters' | 'content'>): InForce =>
  parameters?.() ?? content().parameters;

/** Decisions and waivers are about the platform: the house makes them. */
export function checkHouse(deps: Pick<DecisionsDeps, 'house'>, tenant: number): void {
  if (tenant !== houseOf(deps)) throw fault('forbidden', 'Access denied: the organization that runs this decides.');
}

export const invalid = (at: string, expected: string) => {
  const text = `${at}: expected ${expected}`;
  return fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at }] });
};

/** Fault `invalid` names the first field that is wrong, and quotes nothing. */
export function shaped<T extends z.ZodType>(schema: T, value: unknown, expected: Readonly<Record<string, string>>) {
  const read = schema.safeParse(value);
  if (read.success) return read.data as z.infer<T>;
  const at = String(read.error.issues[0]?.path[0] ?? 'subject');
  throw invalid(at, expected[at] ?? 'the fields of this kind of task, and no others');
}

export const common = (parameters: InForce): Omit<Definition, 'kind' | 'title' | 'subject'> => ({
  ...{ open: officers, work: officers, approve: officers, escalate_to: officers },
  quorum: 1,
  due_days: numberOf(parameters, 'workflow.due_days'),
  remind_days: [7, 1],
  escalate_days: numberOf(parameters, 'workflow.escalate_days'),
  immediate: true,
});
