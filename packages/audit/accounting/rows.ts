import { patientsOf, type RequestEvent } from '@safeguard/http';
import type { Audited } from '../event.ts';
import { actorsOf } from '../fhir/agents.ts';
import { shownTargets } from '../fhir/entities.ts';
import { kindOf } from '../fhir/kinds.ts';
import type { Agents } from '../people.ts';
import { type Disclosure, disclosureOf } from './disclosure.ts';

/** Somebody, or an app, in an accounting. `name` null: of whom none is known (any more). */
export interface Party {
  readonly kind: 'person' | 'client';
  readonly id: string;
  readonly name: string | null;
}

/** One access to a patient's record. */
export interface AccessRow {
  /** Of its AuditEvent. */
  readonly id: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly who: Party;
  /** The app that a person used. */
  readonly through: Party | null;
  /** A code of HL7's PurposeOfUse. */
  readonly purpose: string | null;
  /** As the ledger names it, and as FHIR groups it. */
  readonly action: string;
  readonly group: 'C' | 'R' | 'U' | 'D' | 'E';
  readonly outcome: RequestEvent['outcome'];
  /**
   * How many resources of which type. Null: not told, since it was shown together with others' and whoever reads this
   * may not know of them.
   */
  readonly what: readonly { readonly type: string; readonly count: number }[] | null;
  /** True: the same answer showed other patients too; `what` counts them all. */
  readonly several: boolean;
  /** Ids of the rule, and of the grant that gave the role. */
  readonly rule: string | null;
  readonly grant: string | null;
  readonly disclosure: Disclosure;
}

function partiesOf(event: RequestEvent, agents: Agents): Pick<AccessRow, 'who' | 'through'> {
  const { client, user } = actorsOf({ event, agents });
  const app =
    client === undefined ? null : ({ kind: 'client', id: client, name: agents.client(client)?.name ?? null } as const);
  if (user === undefined) return { who: app ?? { kind: 'client', id: event.actor, name: null }, through: null };
  return { who: { kind: 'person', id: user, name: agents.person(user)?.name ?? null }, through: app };
}

function whatOf(event: RequestEvent, only: readonly string[] | undefined): AccessRow['what'] {
  const shared = patientsOf(event).length > 1;
  if (shared && only !== undefined) return null;
  const counts = new Map<string, number>();
  for (const { type } of shownTargets({ event })) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].map(([type, count]) => ({ type, count }));
}

/** `only`: the reader may know of these patients alone. */
export function rowOf({ event }: Audited, id: string, agents: Agents, only: readonly string[] | undefined): AccessRow {
  return {
    id,
    at: event.at,
    ...partiesOf(event, agents),
    purpose: event.purpose ?? null,
    action: event.action,
    group: kindOf(event).action,
    outcome: event.outcome,
    what: whatOf(event, only),
    several: only === undefined && patientsOf(event).length > 1,
    rule: event.rule ?? null,
    grant: event.grant ?? null,
    disclosure: disclosureOf(event, agents),
  };
}
