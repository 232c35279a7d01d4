import type { Content, Type } from './content.ts';

/** One write that was asked for. What was refused (4xx) is not kept: it must not show, and then has no version. */
export interface Attempt {
  readonly kind: 'create' | 'update' | 'delete';
  /** Absent: a deletion. */
  readonly content?: Content;
  /** The version that the answer named; absent: no answer came, or a 503, so it may have happened or not. */
  readonly version?: number;
}

/** A resource that is known to exist, with all that was asked of it. */
export interface Track {
  readonly type: Type;
  readonly id: string;
  readonly attempts: Attempt[];
  /** Versions that a reader was shown, with their markers. */
  readonly seen: { readonly version: number; readonly marker: string }[];
  /** Asked something of since the last check. */
  touched: boolean;
}

/** A transaction: all of its resources, or none. */
export interface BundleAttempt {
  readonly mark: string;
  /** How many resources it makes. */
  readonly size: number;
  /** The resource that it changes. */
  readonly changes?: string;
  state: 'acknowledged' | 'refused' | 'unknown';
  checked: boolean;
}

/** An answer that came, whole. */
export interface Answered {
  readonly request: string;
  readonly status: number;
  /** `Type/id/version` of what the answer gave or acknowledged. */
  readonly targets: readonly string[];
  /** Of a batch: how many entries it had. */
  readonly entries?: number;
}

/** All that a client knows. */
export interface Journal {
  readonly tracks: Map<string, Track>;
  /** Resources that several workers write. */
  readonly shared: string[];
  readonly bundles: BundleAttempt[];
  /** Creations without an answer. */
  readonly lost: { readonly type: Type; readonly content: Content; readonly marker: string }[];
  readonly answered: Answered[];
  /** Answers that should never be: a 5xx other than 503, no request id. */
  readonly odd: string[];
  readonly counts: Map<string, number>;
  nextMarker(): string;
}

export function newJournal(name: string): Journal {
  let marker = 0;
  return {
    tracks: new Map(),
    shared: [],
    bundles: [],
    lost: [],
    answered: [],
    odd: [],
    counts: new Map(),
    nextMarker: () => {
      marker += 1;
      return `${name}-${marker}`;
    },
  };
}

export function count(journal: Journal, what: string): void {
  journal.counts.set(what, (journal.counts.get(what) ?? 0) + 1);
}

export function trackOf(journal: Journal, type: Type, id: string): Track {
  const name = `${type}/${id}`;
  const known = journal.tracks.get(name);
  if (known !== undefined) return known;
  const track: Track = { type, id, attempts: [], seen: [], touched: true };
  journal.tracks.set(name, track);
  return track;
}
