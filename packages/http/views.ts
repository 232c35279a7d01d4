import type { View } from './types.ts';

/** Every view, the widest first. */
export const views = ['full', 'without-identity', 'limited', 'deidentified'] as const satisfies readonly View[];

export const isView = (value: unknown): value is View => (views as readonly unknown[]).includes(value);

/** Whether `one` shows no more than `other`. */
export const isWithin = (one: View, other: View): boolean => views.indexOf(one) >= views.indexOf(other);
