import type { Check, Clock } from '@safeguard/kernel';
import type { Ledger, LedgerSigner } from '@safeguard/ledger';
import type { Mail } from '@safeguard/mail';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { Code } from '../checks/code.ts';
import type { EvidenceStore } from '../checks/types.ts';
import type { Content, Family } from '../content/types.ts';
import type { Decision, Waiver } from '../decisions/types.ts';
import type { Policies } from '../policies/types.ts';
import type { Posture } from '../posture/types.ts';
import type { Actor, Workflow } from '../workflow/types.ts';

export const reportKinds = ['audit', 'bundle'] as const;
export type ReportKind = (typeof reportKinds)[number];
export const reportFormats = ['pdf', 'html'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export interface Wanted {
  readonly kind: ReportKind;
  /** Milliseconds since the Unix epoch; `until` is exclusive and may not be in the future. */
  readonly from: number;
  readonly until: number;
  /** Of an audit report; default: all. */
  readonly families?: readonly Family[];
  /** Of an audit report; default `pdf`. A bundle is a ZIP. */
  readonly format?: ReportFormat;
  /** Of a bundle: with what people wrote beside the steps of tasks. Default: without. */
  readonly notes?: boolean;
}

/** A report that was made and kept. It never changes. */
export interface Report {
  readonly id: string;
  readonly kind: ReportKind;
  readonly media: 'application/pdf' | 'text/html' | 'application/zip';
  readonly from: number;
  readonly until: number;
  /** Empty: all. */
  readonly families: readonly Family[];
  readonly made_by: string;
  readonly at: number;
  /** SHA-256 of its bytes, hex. */
  readonly digest: string;
  readonly bytes: number;
  /** How many parts its bytes are kept in. */
  readonly parts: number;
  /** Its entry in the platform's log (tenant 0). */
  readonly place: { readonly shard: number; readonly index: number };
}

/** How far the making of one is. */
export interface Making {
  readonly id: string;
  readonly state: 'making' | 'made' | 'failed';
  /** What is being done, in fixed words; of a failed one why. */
  readonly text: string;
  /** 0 to 1. */
  readonly share: number;
}

export type Told = (text: string, share: number) => void;

export interface ReportsDeps {
  readonly content: () => Content;
  readonly checks: ReadonlyMap<string, Pick<Check, 'id' | 'title' | 'query' | 'every_s' | 'kind'>>;
  readonly evidence: Pick<EvidenceStore, 'period' | 'newest'>;
  readonly postureAt: (at: number) => Promise<Posture>;
  readonly policies: Pick<Policies, 'list' | 'versions' | 'acknowledgements'>;
  /** All of a tenant, superseded and ended ones too. */
  readonly decisions: {
    list(tenant: number): Promise<readonly Decision[]>;
    readonly waivers: { list(tenant: number): Promise<readonly Waiver[]> };
  };
  readonly workflow: Pick<Workflow, 'list' | 'define' | 'open' | 'byId'>;
  readonly ledger: Pick<Ledger, 'append' | 'proveMany' | 'sealedAt' | 'offlineProof' | 'proveConsistency'>;
  /** The ledger's: it signs bundles too, under another name. */
  readonly signer: LedgerSigner;
  /** The identity segment, and a tenant's vault in it. */
  readonly segment: Segment;
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly code: () => Promise<Code>;
  /** Placeholders filled in by the parameters in force. */
  readonly render: (text: string) => string;
  /** Absent: no mail server; then officers hand links on. */
  readonly mail?: Pick<Mail, 'send' | 'isAddress'>;
  /** Public base of our pages, no trailing slash. */
  readonly base: string;
  /** Told what failed in the background, in fixed words and without content. */
  readonly failed?: (message: string, error: unknown) => void;
}

export interface Reports {
  /** Makes a report, writes its digest into the log, keeps it. Fault `invalid` for a period that is none. */
  make(actor: Actor, wanted: Wanted, told?: Told): Promise<Report>;
  /** The same in the background of this process: answers at once, under the id that the report will have. */
  start(actor: Actor, wanted: Wanted): Making;
  /** Of this process, those of the last hour; undefined: look among the reports. */
  making(id: string): Making | undefined;
  /** Newest first, at most 200. */
  list(): Promise<readonly Report[]>;
  byId(id: string): Promise<Report | undefined>;
  /** One part of its bytes (1 MiB; the last is shorter). Fault `missing`. */
  part(id: string, n: number): Promise<Buffer>;
  /** All of its bytes, held against the digest. Fault `missing`. */
  read(id: string): Promise<{ readonly report: Report; readonly bytes: Buffer }>;
  /** When the last audit report over all families was made, milliseconds since the Unix epoch. */
  lastReport(): Promise<number | undefined>;
}
