import type { Operation } from '@safeguard/http';
import { inheritanceOperations } from '../api/inheritance-operations.ts';
import { reportOperations } from '../api/report-operations.ts';
import { codeDigest } from '../checks/code.ts';
import { createInheritance } from '../inheritance/inheritance.ts';
import type { Inheriter } from '../inheritance/types.ts';
import type { Programme } from '../programme.ts';
import { createReports } from './reports.ts';
import { createReportRequests } from './requests/requests.ts';
import type { ReportRequests } from './requests/types.ts';
import type { Reports, ReportsDeps } from './types.ts';

export interface ReportingDeps
  extends Pick<ReportsDeps, 'ledger' | 'signer' | 'segment' | 'vault' | 'mail' | 'base' | 'failed'> {
  readonly programme: Programme;
}

/** What reports on the programme, and who asks for that. */
export interface Reporting {
  readonly reports: Reports;
  readonly requests: ReportRequests;
  readonly inheritance: Inheriter;
  /** Of `/api/v1/programme`: reports, requests, inheritance. */
  operations(): Operation[];
}

/** Everything of reports over a programme that runs. Registers the kind of task `report-request`. */
export function createReporting(given: ReportingDeps): Reporting {
  const { programme, segment } = given;
  const { api, evidence, policies, decisions, workflow, runner, postureAt } = programme;
  const { clock, render, content: read, actorOf } = api;
  const content = () => read;
  const deps: ReportsDeps = {
    ...{ content, checks: runner.checks, evidence, postureAt, policies, decisions, workflow, clock, code: codeDigest },
    ...{ ledger: given.ledger, signer: given.signer, segment, vault: given.vault, render: (text) => render(text) },
    ...(given.mail === undefined ? {} : { mail: given.mail }),
    ...(given.failed === undefined ? {} : { failed: given.failed }),
    get base() {
      return given.base;
    },
  };
  const reports = createReports(deps);
  const requests = createReportRequests(deps);
  const inheritance = createInheritance({ content, postureAt, segment, clock, render: (text) => render(text) });
  return {
    ...{ reports, requests, inheritance },
    operations: () => [
      ...reportOperations({ reports, requests, clock, actorOf }),
      ...inheritanceOperations({ inheritance, clock }),
    ],
  };
}
