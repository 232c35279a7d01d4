import { type ProductLine, productLines } from '../content/types.ts';
import type { Decision, Waiver } from '../decisions/types.ts';
import type { ControlState, StateName } from '../posture/types.ts';
import { type CarriedLine, linesOf } from './carried.ts';
import type { Head } from './head.ts';
import type { OscalInput, SystemRole } from './input.ts';
import { headOf, needed, picked, valuesOf } from './input-parts.ts';
import { insertedIn } from './markup.ts';

export interface PlanControl {
  readonly id: string;
  readonly state: StateName;
  readonly because: string;
  readonly approach: string;
  readonly policies: readonly string[];
  readonly checks: readonly string[];
  /** What packages and people do, by package. */
  readonly does: readonly { readonly package: string; readonly texts: readonly string[] }[];
  /** Of the product lines that are run. */
  readonly carried: readonly CarriedLine[];
  readonly decision?: Decision;
  readonly waiver?: Waiver;
}

/** A setting of the running services that is a parameter. */
export interface PlanSetting {
  readonly parameter: string;
  readonly source: 'file' | 'approved';
  readonly running?: string;
}

export interface PlanModel {
  readonly head: Head;
  /** The moment that the states are of. */
  readonly at: number;
  readonly lines: readonly ProductLine[];
  readonly conditions: readonly string[];
  readonly roles: readonly SystemRole[];
  /** Values in force by parameter id. */
  readonly values: Readonly<Record<string, string>>;
  readonly settings: readonly PlanSetting[];
  readonly controls: readonly PlanControl[];
}

/** Roles that the house gives by approved grants. */
export const houseRoles: readonly SystemRole[] = [
  {
    id: 'administrator',
    title: 'Administrator',
    does: ['Manages accounts, clients and grants; approves what others propose.'],
  },
  {
    id: 'security-officer',
    title: 'Security officer',
    does: ['Answers for the security programme; keeps policies; reviews access and events; approves.'],
  },
  {
    id: 'privacy-officer',
    title: 'Privacy officer',
    does: ['Answers for privacy and for the rights of individuals; keeps policies; approves.'],
  },
  { id: 'auditor', title: 'Auditor', does: ['Reads logs, evidence, policies and reports; changes nothing.'] },
  {
    id: 'clinician',
    title: 'Clinician',
    does: ['Reads and writes records of patients as policies of the tenant allow; opens an emergency with a reason.'],
  },
];

function byPackage({ control: { mechanisms } }: ControlState): PlanControl['does'] {
  const names = [...new Set(mechanisms.map((one) => one.package))];
  return names.map((name) => ({
    package: name,
    texts: mechanisms.filter((one) => one.package === name).map(({ does }) => does),
  }));
}

const controlOf =
  (lines: readonly ProductLine[]) =>
  (one: ControlState): PlanControl => {
    const { id, approach, policies, checks, carried } = one.control;
    return {
      ...{ id, state: one.state, because: one.because, approach, policies, checks },
      does: byPackage(one),
      carried: linesOf(carried, lines),
      ...(one.decision === undefined ? {} : { decision: one.decision }),
      ...(one.waiver === undefined ? {} : { waiver: one.waiver }),
    };
  };

const settingsOf = ({ parameters }: OscalInput): PlanSetting[] =>
  (parameters ?? [])
    .filter(({ parameter }) => parameter.setting !== undefined)
    .map(({ parameter, source, running }) => ({
      ...{ parameter: parameter.name, source },
      ...(running === undefined ? {} : { running: String(running) }),
    }));

export function planOf(input: OscalInput): PlanModel {
  const posture = needed(input.posture, 'posture');
  const { organization, parameters } = input.content;
  const lines = productLines.filter((line) => organization.lines.includes(line));
  const controls = posture.controls.map(controlOf(lines));
  const inserted = controls.flatMap(({ approach }) => insertedIn(approach));
  return {
    head: headOf(input),
    at: posture.at,
    ...{ lines, conditions: organization.conditions, roles: input.roles ?? houseRoles },
    values: picked(valuesOf(input), [...parameters.keys(), ...inserted]),
    settings: settingsOf(input),
    controls,
  };
}
