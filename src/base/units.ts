declare const unit: unique symbol

/** Milliseconds. A plain number that never wraps; may be fractional only where a docstring says so. */
export type Ms = number & { readonly [unit]: 'ms' }

/** Ticks of the 90 kHz clock of MPEG-TS (ISO/IEC 13818-1, 2.4.3.6), not wrapped to 33 bits. */
export type Ticks90k = number & { readonly [unit]: '90k' }

/** Marks a number as milliseconds. */
export function ms(value: number): Ms {
  return value as Ms
}

/** Converts milliseconds to 90 kHz ticks (x 90). */
export function toTicks90k(value: Ms): Ticks90k {
  return (value * 90) as Ticks90k
}
