import type { NoticePort, PeoplePort } from '@safeguard/access';
import { type Clock, fault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Content } from '../content/types.ts';
import type { InForce } from '../workflow/deps.ts';
import type { Workflow } from '../workflow/types.ts';

/** An active account of the workforce, and since when it is one (milliseconds since the Unix epoch). */
export interface Worker {
  readonly account: string;
  readonly since: number;
}

export interface PoliciesDeps {
  /** The identity segment. */
  readonly segment: Segment;
  readonly clock: Clock;
  readonly people: Pick<PeoplePort, 'tenants'>;
  readonly workflow: Workflow;
  readonly content: () => Content;
  /** The parameters in force (approved changes among them); default: those of the content. */
  readonly parameters?: () => InForce;
  /** Ids of the active accounts of the workforce that hold a role at this moment. */
  readonly holders: (tenant: number, role: string) => Promise<readonly string[]>;
  /** All active accounts of the workforce. */
  readonly workforce: (tenant: number) => Promise<readonly Worker[]>;
  readonly tell: NoticePort;
  /** Number of the house's tenant; default 1. */
  readonly house?: number;
  /** The commit that a file of `program/` is of, unchanged since; see `gitCommits`. Absent: none is known. */
  readonly commitOf?: (path: string) => Promise<string | undefined>;
}

export const houseOf = ({ house }: Pick<PoliciesDeps, 'house'>): number => house ?? 1;

/** The parameters in force at this moment. */
export const inForce = ({ parameters, content }: Pick<PoliciesDeps, 'parameters' | 'content'>): InForce =>
  parameters?.() ?? content().parameters;

export const missingPolicy = () => fault('missing', 'There is no such policy, or no such version of it.');
