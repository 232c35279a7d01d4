import type { Check } from '@safeguard/kernel';
import { backupRecent } from './backup.ts';
import { type MachineDeps, machineChecks } from './machine.ts';
import { reportedChecks } from './reported.ts';
import { type TrainingDeps, training } from './training.ts';

export interface OperationsDeps extends MachineDeps {
  /** Folder of the receipts. */
  readonly receipts: string;
  readonly workforce: TrainingDeps['workforce'];
}

/** What operators run beside Safeguard, judged by the receipts that it leaves; and the machine itself. */
export const operationsChecks = (deps: OperationsDeps): readonly Check[] => [
  backupRecent(deps.receipts),
  ...reportedChecks(deps.receipts),
  training({ directory: deps.receipts, workforce: deps.workforce }),
  ...machineChecks(deps),
];
