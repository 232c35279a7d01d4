import { setTimeout as wait } from 'node:timers/promises';
import type { NoticePort, PeoplePort } from '@safeguard/access';
import { rolesHeld } from '@safeguard/access';
import type { Operation } from '@safeguard/http';
import type { Check, Clock } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import { programmeOperations } from './api/api.ts';
import { house, type ProgrammeApi } from './api/ports.ts';
import { codeDigest } from './checks/code.ts';
import { createEvidence, type Evidences } from './checks/evidence.ts';
import { programmeChecks } from './checks/own/own.ts';
import type { CheckLog } from './checks/perform.ts';
import { createRunner } from './checks/runner.ts';
import type { Runner } from './checks/types.ts';
import { render } from './content/render.ts';
import type { Content } from './content/types.ts';
import { createDecisions, type Decisions } from './decisions/decisions.ts';
import { createParameters, type Parameters, type ParametersDeps } from './parameters/parameters.ts';
import type { Worker } from './policies/deps.ts';
import { gitCommits } from './policies/git.ts';
import { createPolicies } from './policies/policies.ts';
import type { Policies } from './policies/types.ts';
import { createPosture } from './posture/posture.ts';
import type { Posture } from './posture/types.ts';
import type { Workflow } from './workflow/types.ts';
import { createWorkflow } from './workflow/workflow.ts';

export interface ProgrammeDeps {
  readonly content: Content;
  /** Where the content was read from: what git says of its files is asked there. */
  readonly directory: string;
  /** The identity segment. */
  readonly segment: Segment;
  /** A tenant's vault in the identity segment. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly ledger: Pick<Ledger, 'append' | 'readAt' | 'sizes'>;
  /** The name of the ledger's signer. */
  readonly signer: string;
  readonly people: Pick<PeoplePort, 'byId' | 'tenants'>;
  /** Ids of the active workforce that hold a role at this moment. */
  readonly holders: (tenant: number, role: string) => Promise<readonly string[]>;
  readonly workforce: (tenant: number) => Promise<readonly Worker[]>;
  readonly tell: NoticePort;
  /** Public base of our pages, no trailing slash. */
  readonly base: string;
  readonly log: CheckLog;
  /** Every live check of the other packages. */
  readonly checks: readonly Check[];
  /** What the running services work by, by the name of a setting. */
  readonly running: NonNullable<ParametersDeps['running']>;
  /** When the last audit report was made; undefined: never. */
  readonly lastReport: () => Promise<number | undefined>;
}

/** Controls, checks and their evidence, policies, decisions, work: the programme of the house and of its customers. */
export interface Programme {
  readonly api: ProgrammeApi;
  readonly evidence: Evidences;
  readonly runner: Runner;
  readonly parameters: Parameters;
  readonly workflow: Workflow;
  readonly policies: Policies;
  readonly decisions: Decisions;
  postureAt(at: number): Promise<Posture>;
  /** `/api/v1/programme`. */
  operations(): Operation[];
  /** Brings in new texts of policies; starts the schedule of the checks unless it is off. */
  start(schedule: 'on' | 'off'): Promise<void>;
  /** Tells people of what is due; for a timer of the composition root. */
  remind(): Promise<void>;
  close(): Promise<void>;
}

/** Approvals change what the programme's own checks see: they run anew, and nobody waits for them. */
function noticing(workflow: Workflow, changed: () => void): Workflow {
  return {
    ...workflow,
    async approve(...asked) {
      const task = await workflow.approve(...asked);
      if (task.state === 'done') changed();
      return task;
    },
  };
}

/** Numbers that were approved are known a second later: what looks at them waits for that. */
const settle_ms = 1_000;

/** One run at a time; what changed while it looked is looked at by another one after it. */
function eachChange(run: () => Promise<unknown>, failed: (error: unknown) => void) {
  let [isRunning, isMissed, isOver] = [false, false, false];
  const look = async (): Promise<void> => {
    isRunning = true;
    while (isMissed) {
      await wait(settle_ms, undefined, { ref: false });
      isMissed = false;
      if (!isOver) await run().catch(failed);
    }
    isRunning = false;
  };
  return {
    changed: (): void => {
      isMissed = true;
      if (!isRunning) void look();
    },
    stop: (): void => {
      isOver = true;
    },
  };
}

function peopleOf(deps: ProgrammeDeps) {
  const { segment, vault, clock, people, holders, tell, ledger } = deps;
  const workflow = createWorkflow({
    ...{ segment, vault, clock, people, holders, tell },
    get base() {
      return deps.base;
    },
    record: async (tenant, step) => void (await ledger.append(tenant, [step])),
  });
  return workflow;
}

/** One line in the composition root. */
export function createProgramme(deps: ProgrammeDeps): Programme {
  const { content, segment, vault, clock, people, holders, workforce, tell, ledger, signer, log } = deps;
  const evidence = createEvidence({ ledger, signer, segment, clock });
  const workflow = peopleOf(deps);
  const parameters = createParameters({ content, segment, clock, workflow, running: deps.running });
  const common = { segment, clock, people, workflow, content: () => content, parameters: parameters.known };
  const commitOf = gitCommits(deps.directory);
  const policies = createPolicies({ ...common, holders, workforce, tell, commitOf });
  const stateOf = async (control: string) =>
    (await posture.at(clock.now())).controls.find((one) => one.control.id === control)?.state ?? 'unknown';
  const decisions = createDecisions({ ...common, vault, stateOf });
  const own = programmeChecks({
    ...{ content, policies, tenant: house, workflow, segment, evidence, parameters, lastReport: deps.lastReport },
    decisionsAt: decisions.at,
  });
  const checks = [...deps.checks, ...own];
  const posture = createPosture({
    ...{ content, evidence, checks: new Map(checks.map((one) => [one.id, one])) },
    decisionsAt: (at) => decisions.at(house, at),
    waiversAt: (at) => decisions.waivers.at(house, at),
    publishedAt: (at) => policies.publishedAt(house, at),
  });
  const code = async () => ({ ...(await codeDigest()), programme: content.digest });
  const runner = createRunner({ checks, evidence, parameters, segment, clock, log, code });
  const { changed, stop } = eachChange(
    () => runner.run({ ids: own.map(({ id }) => id), why: 'change' }),
    (error) => log.error('checks after a change', { error }),
  );
  const untold = (error: unknown): void => log.error('parameters could not be read', { error });
  let unwatch: (() => void) | undefined;
  const served = noticing(workflow, changed);
  const api: ProgrammeApi = {
    ...{ content, clock, runner, evidence, parameters, policies, decisions, workflow: served },
    postureAt: posture.at,
    render: (text, then) => render(text, then ?? parameters.known()),
    actorOf: (principal) => ({ tenant: principal.tenant, id: principal.id, roles: rolesHeld(principal) }),
  };
  return {
    ...{ api, evidence, runner, parameters, workflow: served, policies, decisions, postureAt: posture.at },
    operations: () => programmeOperations(api),
    async start(schedule) {
      // Numbers that another process was given hold here a second later.
      unwatch = await parameters.watch(untold);
      await policies.adopt();
      if (schedule === 'on') runner.start();
    },
    async remind() {
      await workflow.remind();
      await policies.remind();
    },
    close: async () => {
      stop();
      unwatch?.();
      await runner.close();
    },
  };
}
