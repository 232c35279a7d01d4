import type { Report } from './generator/plan.ts';
import type { Profiled } from './profile/hot.ts';

/** A bar of the issue that the figure is held against. */
export interface Bar {
  readonly what: string;
  readonly sense: 'at least' | 'at most';
  readonly bound: number;
  readonly value: number;
  readonly unit: string;
  readonly pass: boolean;
}

/** A figure beside the common ones. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
}

/** The floor in the same run: measured before and after the case, so that drift of the machine shows. */
export interface FloorFigures {
  readonly before: Measured;
  readonly after: Measured;
  /** Mean of both. */
  readonly units_per_s: number;
}

export type Measured = Omit<Report, 'created' | 'kept'>;

/** One line of the result. */
export interface Row {
  readonly name: string;
  readonly text: string;
  readonly unit: 'requests' | 'resources';
  readonly measured?: Measured;
  readonly floor?: FloorFigures;
  /** The case's units per second as a share of its floor's. */
  readonly ratio?: number;
  readonly figures: readonly Figure[];
  readonly bars: readonly Bar[];
  /** Why it was not run. */
  readonly skipped?: string;
  readonly profile?: Profiled;
}

export const atLeast = (what: string, value: number, bound: number, unit: string): Bar => ({
  what,
  sense: 'at least',
  bound,
  value,
  unit,
  pass: value >= bound,
});

export const atMost = (what: string, value: number, bound: number, unit: string): Bar => ({
  what,
  sense: 'at most',
  bound,
  value,
  unit,
  pass: value <= bound,
});
