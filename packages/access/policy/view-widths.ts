import type { View } from '@safeguard/http';

/** The narrowest first: a view's place is how wide it is. */
export const widths: readonly View[] = ['deidentified', 'limited', 'without-identity', 'full'];

const places: Readonly<Record<View, number>> = { deidentified: 0, limited: 1, 'without-identity': 2, full: 3 };

export const widthOf = (view: View): number => places[view];
