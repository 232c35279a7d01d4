import type { Brand } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type {
  Carrier,
  Content,
  Control,
  DecisionKind,
  Family,
  ProductLine,
  Service,
  Subprocessor,
} from '../content/types.ts';
import type { Policies } from '../policies/types.ts';
import type { Posture, StateName } from '../posture/types.ts';
import type { Report, ReportKind } from '../reports/types.ts';

/** How much of what does not hold is told: by name, or as a number alone. Neither tells why. */
export type Unmet = 'named' | 'counted';

/** `unpublished`: unmet, unknown or undocumented, where the operator publishes these as a number alone. */
export type PublicState = StateName | 'unpublished';

/** What is told of how something stands. Never why it does not hold, nor which of its checks says so. */
export interface Standing {
  readonly state: PublicState;
  /** How many checks examine it; absent where its state is not published. */
  readonly checks?: number;
  /** How many of these judge what tools beside Safeguard left. */
  readonly reported?: number;
  /** Of what is met: each of its checks ran then or later, milliseconds since the Unix epoch. */
  readonly since?: number;
  /** Of anything else that was examined: when that was last done. */
  readonly last?: number;
}

/** A check that a met control rests on. */
export interface Proof {
  readonly title: string;
  /** When it ran, milliseconds since the Unix epoch. */
  readonly at: number;
  readonly how: 'performed' | 'reported';
}

type Told = 'id' | 'citation' | 'title' | 'family' | 'kind' | 'standard' | 'level' | 'requirement' | 'verified';

/** A standard, specification or rule, as far as everybody may read it. */
export interface ControlFacts extends Pick<Control, Told> {
  /** Parameters filled in. */
  readonly approach: string;
  readonly standing: Standing;
  /** Why it is not applicable: of a condition of the organization, in words of the programme. */
  readonly otherwise?: string;
  /** Of an addressable one that holds or does not apply: what was decided, and when. */
  readonly decision?: { readonly kind: DecisionKind; readonly at: number };
  /** Published policies, with the section that it is in; absent: the published version has it not. */
  readonly policies: readonly { readonly id: string; readonly section?: string; readonly title: string }[];
  /** For each product line that is run. */
  readonly carried: readonly {
    readonly line: ProductLine;
    readonly by: Carrier;
    readonly with: readonly Service[];
    readonly customer?: string;
  }[];
  readonly crosswalks: readonly { readonly title: string; readonly ids: readonly string[] }[];
  /** Of a met one: each of its own checks. */
  readonly proofs: readonly Proof[];
}

/** A standard with what belongs to it, or the rules of one section. */
export interface Group {
  /** Id of the standard, or `section-164.404`. */
  readonly id: string;
  readonly title: string;
  readonly citation: string;
  /** The standard first. */
  readonly rows: readonly ControlFacts[];
}

export type Counts = Readonly<Partial<Record<PublicState, number>>>;

export interface FamilyFacts {
  readonly family: Family;
  readonly groups: readonly Group[];
  readonly counts: Counts;
}

export interface NeedFacts {
  readonly id: string;
  readonly title: string;
  readonly approach: string;
  readonly standing: Standing;
}

/** A rule that somebody proposed. What of ours bears on each row is named; no row has a state. */
export interface ProposedFacts {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly rows: readonly {
    readonly citation: string;
    readonly title: string;
    readonly requirement: string;
    readonly verified: 'yes' | 'unverified';
    /** Ids of controls. */
    readonly controls: readonly string[];
  }[];
}

/** A published policy of the house. Who approved it is told as a number. */
export interface PolicyFacts {
  readonly id: string;
  readonly title: string;
  readonly number: number;
  readonly approvals: number;
  readonly published_at: number;
  readonly review_due_at?: number;
  readonly owner: string;
  readonly digest: string;
  /** Ids of controls. */
  readonly satisfies: readonly string[];
  /** A number in its text has another value by now. */
  readonly drifted: boolean;
}

/** Everything that the public pages tell, and nothing else: they are made of this alone. */
export interface Facts {
  /** The moment that it speaks for, milliseconds since the Unix epoch. */
  readonly at: number;
  readonly unmet: Unmet;
  readonly organization: Content['organization'];
  /** Of standards, specifications and rules. */
  readonly counts: Counts;
  readonly needs: readonly NeedFacts[];
  readonly families: readonly FamilyFacts[];
  readonly controls: ReadonlyMap<string, ControlFacts>;
  readonly proposed: readonly ProposedFacts[];
  readonly policies: readonly PolicyFacts[];
  readonly subprocessors: readonly Subprocessor[];
}

/** What somebody asks for who is none of ours. */
export interface ReportRequest {
  readonly name: string;
  readonly organization: string;
  readonly email: string;
  readonly kind: ReportKind;
  readonly nda_accepted: true;
}

export interface TrustDeps {
  readonly content: () => Content;
  /** State of every control at a moment, milliseconds since the Unix epoch. Asked at most every few seconds. */
  readonly postureAt: (at: number) => Promise<Posture>;
  readonly policies: Pick<Policies, 'list' | 'html' | 'pdf'>;
  /** Placeholders of an approach filled in, by the parameters in force. */
  readonly render: (text: string) => string;
  /** Takes a request down; the same for whoever asks. Fault `tooMany` for an address that asks too often. */
  readonly requestReport: (wanted: ReportRequest, remote: string) => Promise<void>;
  /** Uses a link up. Fault `missing` for what is none, or none any more. */
  readonly downloadReport: (secret: string) => Promise<{
    readonly report: Pick<Report, 'id' | 'media'>;
    readonly bytes: Buffer;
    readonly filename: string;
  }>;
  readonly clock: Clock;
  readonly settings: { readonly trust: 'on' | 'off'; readonly unmet: Unmet };
  /** Of the house. */
  readonly brand: () => Promise<Brand> | Brand;
}
