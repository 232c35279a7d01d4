import type { Principal } from '@safeguard/http';
import { letters } from '../interactions.ts';
import { sharedTypes } from '../shared-types.ts';
import type { Exception } from '../sight.ts';
import type { OpenStanding } from '../standing/types.ts';
import { type Candidate, candidatesOf, isHeld } from './cells.ts';
import type { CompiledRule } from './compile-rules.ts';
import { type Limits, limitsOf } from './limits.ts';
import { missed } from './occasion.ts';
import { type Opened, personIn } from './sealed-standing.ts';
import type { ConsentException, ConsentExceptions } from './sights-consents.ts';
import { widthOf } from './view-widths.ts';

/** What one permit shows of a type by a letter, before what forbids, labels and consents take from it. */
export interface PolicySight extends Limits {
  readonly candidate: Candidate;
  readonly query: string | undefined;
  /** Sensitive labels that stay closed. */
  readonly closed: readonly string[];
  /** Whether consents bind it. */
  readonly bound: boolean;
}

/** A forbid as what it hides. */
export interface Forbidden {
  readonly rule: string;
  readonly exception: Exception;
}

/** All that the policy says of a type and a letter, for one principal at one moment. */
export interface Reach {
  readonly sights: readonly PolicySight[];
  readonly forbids: readonly Forbidden[];
  readonly consents: readonly ConsentException[];
}

/** Whether the occasion fits a rule, whatever the row. */
export const isOn = ({ context }: CompiledRule, principal: Principal, opened: Opened): boolean =>
  context === undefined || missed(context, principal, opened, opened) === undefined;

/** The same of a permit: it shows at least as much as the answer will. */
export const counts = (rule: CompiledRule, principal: Principal, opened: Opened): boolean =>
  rule.width >= widthOf(principal.view) && isOn(rule, principal, opened);

/** What an operator opened for a client by name. */
const opensFor = ({ kind, permissions }: Principal, name: string): boolean =>
  kind === 'client' && permissions?.includes(`sensitive:${name}`) === true;

/** The sensitive labels that a rule leaves closed; writing what is new discloses nothing. */
export function closedLabels(
  { rule, holding }: Candidate,
  principal: Principal,
  { policy }: Pick<Opened, 'policy'>,
  place: number,
): string[] {
  if (letters[place] === 'c') return [];
  const { sensitive, sensitiveNames } = policy.index;
  const isOpen = (name: string): boolean =>
    rule.opens.has(name) || holding?.opens?.includes(name) === true || opensFor(principal, name);
  return sensitiveNames.flatMap((name) => (isOpen(name) ? [] : (sensitive.get(name) ?? [])));
}

/** What a forbid hides from a principal; undefined: nothing. */
export function forbiddenBy(candidate: Candidate, principal: Principal, open: OpenStanding): Forbidden | undefined {
  const { rule } = candidate;
  const { patients } = limitsOf(candidate, principal, open);
  if (patients?.length === 0) return undefined;
  const exception: Exception = {
    ...(patients ? { patients } : {}),
    ...(rule.query === undefined ? {} : { query: rule.query }),
    ...(rule.any ? { labels: rule.any } : {}),
    ...(rule.none.length > 0 ? { except: [{ labels: rule.none }] } : {}),
  };
  return { rule: rule.id, exception };
}

/** What the policy lets a principal reach of a type, by a letter's place. */
export function reachOf(
  consentExceptions: ConsentExceptions,
  { principal, opened }: { readonly principal: Principal; readonly opened: Opened },
  type: string,
  place: number,
): Reach {
  const letter = letters[place] ?? '';
  const person = personIn(opened, principal);
  const held = ({ holding }: Candidate): boolean => isHeld(holding, opened.at);
  const sights = candidatesOf(person, 'permits', type, place)
    .filter((one) => held(one) && counts(one.rule, principal, opened))
    .map((candidate): PolicySight => {
      const limits = limitsOf(candidate, principal, opened);
      const closed = closedLabels(candidate, principal, opened, place);
      const bound = candidate.holding?.kind !== 'break-glass';
      return { ...limits, candidate, query: candidate.rule.query, closed, bound };
    })
    .filter(({ patients }) => patients?.length !== 0 || sharedTypes.has(type));
  return {
    sights,
    forbids: candidatesOf(person, 'forbids', type, place)
      .filter((one) => held(one) && isOn(one.rule, principal, opened))
      .flatMap((one) => forbiddenBy(one, principal, opened) ?? []),
    consents: consentExceptions(opened.consents, principal.within, { type, letter }),
  };
}
